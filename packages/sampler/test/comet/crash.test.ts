import { fileURLToPath } from 'node:url';
import { openHeaderStore } from '@perigee/light-core/comet/client';
import { describe, expect, it } from 'vitest';
import { openHeaderValues } from '#header-values';
import { crashRounds, randomOf, startProcess, temporaryFolder } from '../../../../tests/kit/index.ts';
import { CHAIN_ID } from '../../../light-core/test/comet/chain.ts';
import { keptBlock, MAX_HEADERS } from './crash-blocks.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const ROUNDS = LONG ? 50 : 4;
const WITHIN = 40;
const job = fileURLToPath(new URL('../../../../dist/test/jobs/headers-crash.job.js', import.meta.url));

describe('kept headers of a process that is killed inside a write', { timeout: ROUNDS * 30_000 }, () => {
  it(`${ROUNDS} times are those that it said to have kept, and sets are not lost with others`, async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    const folder = temporaryFolder('headers-crash');
    let told = 0;
    const tally = await crashRounds({
      folder,
      random,
      cut: 'unsynced',
      rounds: ROUNDS,
      within: WITHIN,
      start: (env) => startProcess(job, [folder, String(told + 1)], { env }),
      check: async (_, child) => {
        told = Math.max(told, ...child.stdout().split('\n').slice(0, -1).map(Number));
        const values = await openHeaderValues({ name: 'crash', directory: folder });
        const store = await openHeaderStore({ values, chainId: CHAIN_ID, maxHeaders: MAX_HEADERS });
        const latest = (await store.latest())?.header.height ?? 0;
        expect(latest).toBeGreaterThanOrEqual(told);
        for (let height = Math.max(1, latest - MAX_HEADERS + 1); height <= latest; height++) {
          expect(await store.at(height)).toEqual(await keptBlock(height));
        }
        const keys = await values.keys();
        expect(keys.filter((key) => key.startsWith('h/')).length).toBeLessThanOrEqual(MAX_HEADERS);
        expect(keys.filter((key) => key.startsWith('v/')).length).toBeLessThanOrEqual(MAX_HEADERS);
        await values.close();
      },
    });
    expect(tally.kills).toBe(ROUNDS);
  });
});
