import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { PerigeeError } from '@perigee/wire';
import { expect, it } from 'vitest';
import { RowStore } from '../src/store/row-store.ts';
import { headerOf, proofOf, proofsOf, rlcOf } from './rows.ts';

const ROUNDS = process.env.PERIGEE_LONG === '1' ? 100 : 8;
const job = fileURLToPath(new URL('../../../dist/test/jobs/row-store-crash.job.js', import.meta.url));

/** Lets a process fill the store and kills it without warning some time after its `lines`-th acknowledgement. */
async function fillAndKill(dir: string, first: number, lines: number, delayMs: number): Promise<number[]> {
  const child = spawn(process.execPath, [job, dir, String(first)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(child, 'close');
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.split('\n').length > lines) setTimeout(() => child.kill('SIGKILL'), delayMs);
  });
  await ended;
  return output.split('\n').slice(0, -1).map(Number);
}

it(`keeps every acknowledged row over ${ROUNDS} kills`, { timeout: ROUNDS * 5_000 }, async () => {
  const dir = await mkdtemp(join(tmpdir(), 'perigee-crash-'));
  try {
    const sealed = new Set<number>();
    let next = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const acknowledged = await fillAndKill(dir, next, 1 + (round % 5), (round * 7) % 23);
      expect(acknowledged.length).toBeGreaterThan(0);
      for (const blob of acknowledged) {
        sealed.add(blob);
        // the process may have begun to drop this one before it died
        if (blob % 3 === 2) sealed.delete(blob - 1);
      }
      const faults: PerigeeError[] = [];
      const store = await RowStore.open({ dir, budgetBytes: 2 ** 40, onFault: (error) => faults.push(error) });
      const { indices } = headerOf(0);
      // all of them at the end, those of the last rounds each time
      for (const blob of round === ROUNDS - 1 ? sealed : [...sealed].slice(-8)) {
        const reader = await store.reader(headerOf(blob).blobId);
        for (const index of [indices[0], indices[63], indices[127]] as number[]) {
          expect(await reader?.read(index)).toEqual(proofOf(blob, index));
        }
        await reader?.close();
      }
      // the upload that was cut off goes on, or starts again
      next = Math.max(...acknowledged) + 1;
      const holding = await store.prepare(headerOf(next), rlcOf(next), 1_000);
      await holding.write(proofsOf(next, [...holding.missing]));
      await holding.seal();
      sealed.add(next);
      expect(faults).toEqual([]);
      await store.close();
      next++;
    }
  } finally {
    await rm(dir, { recursive: true });
  }
});
