import { mkdirSync, writeFileSync } from 'node:fs';
import { pathToFileURL } from 'node:url';
import { expect, test } from 'vitest';
import { temporaryFolder } from '../../../tests/kit/index.ts';
import { builtFile, nodeJob } from '../src/node.ts';

test('finds a built file from the source, from the bundle and from a job', () => {
  const root = temporaryFolder();
  mkdirSync(`${root}/dist/node/jobs`, { recursive: true });
  writeFileSync(`${root}/dist/node/jobs/verify.job.js`, '');
  const job = pathToFileURL(`${root}/dist/node/jobs/verify.job.js`).href;
  for (const caller of [
    'packages/da/src/verify-worker.ts',
    'dist/node/perigee.js',
    'dist/node/chunks/a.js',
    'dist/node/jobs/other.job.js',
  ]) {
    expect(nodeJob('verify', pathToFileURL(`${root}/${caller}`).href).href).toBe(job);
  }
});

test('says what to do when the file was not built', () => {
  const caller = pathToFileURL(`${temporaryFolder()}/packages/da/src/a.ts`).href;
  expect(() => builtFile('wasm/none.wasm', caller)).toThrow(
    expect.objectContaining({ code: 'NOT_FOUND', message: expect.stringContaining('npm run build') }),
  );
});
