import { fileURLToPath } from 'node:url';
import { equal, MIN_STORE_BYTES, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { openBackend } from '#store';
import { crashRounds, randomOf, startProcess, type TestProcess, temporaryFolder } from '../../../../tests/kit/index.ts';
import { KeptStore } from '../../src/store/kept-store.ts';
import { contentOf } from './crash-content.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const ROUNDS = LONG ? 50 : 5;
/** Each number has three or four writes of several operations. */
const WITHIN = 60;
/** Blobs whose rows surely have not made room for later ones. */
const RECENT_NUMBERS = 30;
const job = fileURLToPath(new URL('../../../../dist/test/jobs/light-store-crash.job.js', import.meta.url));

/** What processes said to have kept: kinds, each with its numbers. */
class Told {
  readonly numbers = new Map<string, number[]>([
    ['header', []],
    ['rows', []],
    ['verdict', []],
    ['evidence', []],
  ]);

  add(child: TestProcess): void {
    for (const line of child.stdout().split('\n').slice(0, -1)) {
      const [kind = '', number] = line.split(' ');
      this.numbers.get(kind)?.push(Number(number));
    }
  }

  of(kind: string): readonly number[] {
    return this.numbers.get(kind) ?? [];
  }

  get last(): number {
    return Math.max(0, ...this.of('header'));
  }
}

/** Opens the store without any help: all that was told of is there, and nothing that was never kept. */
async function check(directory: string, told: Told): Promise<void> {
  const open = () => openBackend({ genesisHash: '11'.repeat(32), directory });
  const store = new KeptStore({ open, budgetBytes: MIN_STORE_BYTES, onChange: () => {} });
  try {
    const header = await store.header();
    expect(header?.height ?? 0).toBeGreaterThanOrEqual(told.last);
    if (header !== undefined) expect(header.answer).toEqual(utf8(`header ${header.height}`));
    const verdicts = new Map((await store.verdicts()).map((verdict) => [verdict.blobId, verdict.outcomeAtMs ?? 0]));
    for (const number of told.of('verdict')) {
      expect(verdicts.get(contentOf(number).blobId)).toBeGreaterThanOrEqual(number);
    }
    for (const number of told.of('rows').filter((each) => each > told.last - RECENT_NUMBERS)) {
      const { blobId, rows } = contentOf(number);
      const kept = new Map((await store.rows(blobId)).map((row) => [row.index, row.row]));
      expect(rows.every(({ index, row }) => equal(kept.get(index) ?? new Uint8Array(0), row))).toBe(true);
    }
    for (const number of told.of('evidence').slice(-8)) {
      expect(await store.evidence(`e-${number}`)).toEqual(contentOf(number).evidence);
    }
    expect(await store.keepHeader({ height: told.last + 1, answer: utf8(`header ${told.last + 1}`) })).toBe(true);
    expect(store.view.error).toBeUndefined();
  } finally {
    await store.close();
  }
}

describe('the store of a light node that is killed inside a write', { timeout: ROUNDS * 30_000 }, () => {
  for (const cut of [undefined, 'unsynced'] as const) {
    const what = cut === undefined ? 'killed' : 'killed, and the last file cut where it was not flushed';
    it(`${ROUNDS} times (${what}) has all that it said to have kept, and goes on`, async ({ onTestFailed }) => {
      const random = randomOf(onTestFailed);
      const folder = temporaryFolder('light-crash');
      const told = new Told();
      const tally = await crashRounds({
        folder,
        random,
        cut,
        rounds: ROUNDS,
        within: WITHIN,
        start: (env) => startProcess(job, [folder, String(told.last + 1)], { env }),
        check: async (_, child) => {
          told.add(child);
          await check(folder, told);
        },
      });
      expect(tally.kills).toBe(ROUNDS);
      if (LONG) console.log(`light node, ${what}: ${JSON.stringify(tally)}, PERIGEE_SEED=${random.seed}`);
    });
  }

  it(`${ROUNDS} times, and loses of its last file what was flushed, shows nothing that was not kept, and goes on`, async ({
    onTestFailed,
  }) => {
    const random = randomOf(onTestFailed);
    const folder = temporaryFolder('light-crash');
    const told = new Told();
    await crashRounds({
      folder,
      random,
      cut: 'any',
      rounds: ROUNDS,
      within: WITHIN,
      start: (env) => startProcess(job, [folder, String(told.last + 1)], { env }),
      check: async (_, child) => {
        told.add(child);
        // the disk lost what it said was written: something is missing, and nothing else is wrong
        const open = () => openBackend({ genesisHash: '11'.repeat(32), directory: folder });
        const store = new KeptStore({ open, budgetBytes: MIN_STORE_BYTES, onChange: () => {} });
        const header = await store.header();
        if (header !== undefined) expect(header.answer).toEqual(utf8(`header ${header.height}`));
        for (const { blobId } of await store.verdicts()) {
          const rows = await store.rows(blobId);
          expect(rows.every(({ index, row }) => equal(row, new Uint8Array(8192).fill(index)))).toBe(true);
        }
        for (const { id } of store.evidenceViews) {
          expect(await store.evidence(id)).toEqual(contentOf(Number(id.slice(2))).evidence);
        }
        expect(store.view.error).toBeUndefined();
        await store.close();
      },
    });
  });
});
