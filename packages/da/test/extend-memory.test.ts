import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { MAX_BLOB_BYTES } from '@perigee/wire';
import { expect, it } from 'vitest';
import { startProcess, temporaryFolder } from '../../../tests/kit/index.ts';

const job = fileURLToPath(new URL('../../../dist/test/jobs/extend-memory.job.js', import.meta.url));
/** The rows of the longest blob at 4×, MiB. */
const ROWS_MIB = 128;
const LONG = process.env.PERIGEE_LONG === '1';
const BLOBS = LONG ? 200 : 4;
/** The issue's, measured alone; beside other tests collectors come later. */
const TIMES = LONG ? 1.3 : 1.4;

it(`extends the longest blob at 4× in ${TIMES} times the memory of its rows, and ${BLOBS} of them in no more`, async () => {
  const path = join(temporaryFolder('extend-memory'), 'file');
  writeFileSync(path, randomBytes(MAX_BLOB_BYTES));
  const child = startProcess(job, [path, String(BLOBS)]);
  const { idleMiB, peaks } = (await child.ready()) as unknown as { idleMiB: number; peaks: number[] };
  expect((await child.exit).code).toBe(0);
  console.log(`resident: ${idleMiB} MiB before, at most ${peaks[0]} with one blob, ${peaks.at(-1)} after ${peaks.length}`);
  expect(peaks).toHaveLength(BLOBS);
  expect((peaks[0] ?? 0) - idleMiB).toBeLessThanOrEqual(TIMES * ROWS_MIB);
  expect(peaks.at(-1)).toBeLessThanOrEqual(1.05 * (peaks[0] ?? 0));
});
