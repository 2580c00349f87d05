import { ed25519 } from '@noble/curves/ed25519.js';
import {
  MAX_RECEIPT_BURST,
  MAX_RECEIPTS_PER_BLOB,
  MAX_REQUEST_ROW_BYTES,
  MAX_SHARE_WAIT_MS,
  MAX_SHARED_REQUESTS,
  RECEIPT_LIFETIME_MS,
  type ReceiptBody,
  ROW_STATUS,
  type SampleReceipt,
} from '@perigee/wire';
import { expect, test } from 'vitest';
import { PageRows } from '../src/pages/page-rows.ts';
import { Receipts, receiptSignBytes } from '../src/pages/receipts.ts';
import { RowShelf } from '../src/pages/row-shelf.ts';
import { ShareBudget, sharingOf } from '../src/pages/share-budget.ts';

const BLOB = `00${'ab'.repeat(32)}`;
const genesisHash = new Uint8Array(32).fill(7);
const signal = new AbortController().signal;

/** Time that passes only when somebody waits for it. */
function ownClock(start = 1_700_000_000_000) {
  let now = start;
  return {
    now: () => now,
    sleep: async (ms: number) => {
      now += ms;
    },
    add: (ms: number) => {
      now += ms;
    },
  };
}

const proof = (index: number, bytes = 1_000) => ({ index, row: new Uint8Array(bytes).fill(index), path: new Uint8Array(32) });

test('what is given keeps to the rate over any span, whatever is asked', async () => {
  const clock = ownClock();
  const budget = new ShareBudget(clock, sharingOf({ bytesPerSecond: 10_000 }));
  const began = clock.now();
  let given = 0;
  for (let i = 0; i < 500; i++) {
    const passed = await budget.pass(1_000, signal);
    if (passed === 'given') given += 1_000;
    else clock.add(50);
    expect(given).toBeLessThanOrEqual(10_000 * (1 + (clock.now() - began) / 1_000) + 1_000);
  }
  expect(given).toBeGreaterThan(100_000);
});

test('who asks while much is owed is told that the page is busy', async () => {
  const clock = { now: () => 1_700_000_000_000, sleep: async () => {} };
  const budget = new ShareBudget(clock, sharingOf({ bytesPerSecond: 10_000 }));
  const answers = new Set<string>();
  for (let i = 0; i < 100; i++) answers.add(await budget.pass(1_000, signal));
  expect(answers).toEqual(new Set(['given', 'busy']));
  expect(budget.today.bytes).toBeLessThanOrEqual(10_000 * (1 + MAX_SHARE_WAIT_MS / 1_000) + 1_000);
});

test('the day has an end, and another begins at midnight', async () => {
  const clock = ownClock();
  const budget = new ShareBudget(clock, sharingOf({ bytesPerDay: 2_500 }));
  expect([await budget.pass(1_000, signal), await budget.pass(1_000, signal), await budget.pass(1_000, signal)]).toEqual([
    'given',
    'given',
    'spent',
  ]);
  clock.add(86_400_000);
  expect(await budget.pass(1_000, signal)).toBe('given');
});

test('what an earlier run gave of the day counts, and of another day does not', async () => {
  const clock = ownClock();
  const { day } = new ShareBudget(clock, sharingOf({})).today;
  const budget = new ShareBudget(clock, sharingOf({ bytesPerDay: 2_500 }));
  budget.resume({ day: day - 1, bytes: 2_500 });
  expect(await budget.pass(1_000, signal)).toBe('given');
  budget.resume({ day, bytes: 1_000 });
  expect(budget.today).toEqual({ day, bytes: 2_000 });
  expect(await budget.pass(1_000, signal)).toBe('spent');
});

test('a change of the rate gives nothing away', async () => {
  const clock = ownClock();
  const budget = new ShareBudget(clock, sharingOf({ bytesPerSecond: 10_000 }));
  for (let i = 0; i < 20; i++) {
    budget.set(sharingOf({ bytesPerSecond: 10_000 + i }));
    await budget.pass(10_000, signal);
  }
  expect(clock.now() - 1_700_000_000_000).toBeGreaterThan(15_000);
});

test('a rate without end can be bounded again', async () => {
  const clock = { now: () => 1_700_000_000_000, sleep: async () => {} };
  const budget = new ShareBudget(clock, sharingOf({ bytesPerSecond: 10_000 }));
  budget.set(sharingOf({ bytesPerSecond: Number.POSITIVE_INFINITY }));
  budget.set(sharingOf({ bytesPerSecond: 10_000 }));
  const answers = new Set<string>();
  for (let i = 0; i < 100; i++) answers.add(await budget.pass(1_000, signal));
  expect(answers).toContain('busy');
});

test('the shelf keeps to its memory: the blob used longest ago goes first', () => {
  const shelf = new RowShelf(5_000);
  for (let i = 0; i < 4; i++) shelf.add('a', proof(i));
  shelf.add('b', proof(0));
  expect(shelf.get('a')).toBeUndefined();
  for (let i = 1; i < 20; i++) shelf.add('b', proof(i));
  expect(shelf.get('b')?.rows.size).toBe(4);
  expect(shelf.bytes).toBeLessThanOrEqual(5_000);
});

const asker = { peerId: 'p', remoteAddress: '/webrtc' };

test('pages that take nothing of what they asked for keep no other from being given rows', async () => {
  const shelf = new RowShelf();
  shelf.add(BLOB, proof(2));
  const budget = new ShareBudget(ownClock(), sharingOf({}));
  const rows = new PageRows({ shelf, budget, keptRows: async () => [], isEnabled: () => true, onChange: () => {} });
  const request = { blobId: new Uint8Array(33).fill(0xab).fill(0, 0, 1), indices: [2, 2, 2], prime: false };
  const slow = Array.from({ length: MAX_SHARED_REQUESTS }, (_, i) =>
    rows.answer(request, { ...asker, signal, peerId: `slow-${i % 2}` }),
  );
  for (const one of slow) await one.next();
  const given = rows.answer(request, { ...asker, signal });
  expect((await given.next()).value).toMatchObject({ index: 2, status: ROW_STATUS.row });
  const rest = await Promise.allSettled(slow.map((one) => one.next()));
  expect(rest.filter(({ status }) => status === 'rejected')).toMatchObject([{ reason: { code: 'BUSY' } }]);
});

test('a request is for so many bytes of rows and no more', async () => {
  const shelf = new RowShelf();
  const row = MAX_REQUEST_ROW_BYTES / 4;
  for (let i = 0; i < 5; i++) shelf.add(BLOB, proof(i, row));
  const budget = new ShareBudget(ownClock(), sharingOf({ bytesPerSecond: 100 * row }));
  const rows = new PageRows({ shelf, budget, keptRows: async () => [], isEnabled: () => true, onChange: () => {} });
  const given = async (indices: readonly number[]): Promise<number> => {
    let count = 0;
    const blobId = new Uint8Array(33).fill(0xab).fill(0, 0, 1);
    for await (const { status } of rows.answer({ blobId, indices: [...indices], prime: false }, { ...asker, signal })) {
      if (status === ROW_STATUS.row) count++;
    }
    return count;
  };
  expect(await given([0, 1, 2, 3, 9])).toBe(4);
  await expect(given([0, 1, 2, 3, 4])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
});

test('a page says which rows it has, and gives these alone', async () => {
  const clock = ownClock();
  const shelf = new RowShelf();
  const budget = new ShareBudget(clock, sharingOf({}));
  let isEnabled = true;
  const keptRows = async () => [proof(9)];
  const rows = new PageRows({ shelf, budget, keptRows, isEnabled: () => isEnabled, onChange: () => {} });
  shelf.add(BLOB, proof(2));
  const blobId = new Uint8Array(33).fill(0xab).fill(0, 0, 1);
  expect([...(await rows.held(blobId))]).toEqual([0b100, 0b10]);
  const answers = [];
  for await (const answer of rows.answer({ blobId, indices: [2, 3, 9], prime: true }, { ...asker, signal })) answers.push(answer);
  expect(answers.map(({ index, status }) => [index, status])).toEqual([
    [undefined, 1],
    [2, 0],
    [3, 1],
    [9, 0],
  ]);
  isEnabled = false;
  await expect(rows.held(blobId)).rejects.toMatchObject({ code: 'REFUSED' });
});

const keys = (i: number) => new Uint8Array(32).fill(i + 1).fill(i >> 8, 0, 1);

function receipt(i: number, change: Partial<ReceiptBody> = {}): SampleReceipt {
  const body = {
    version: 1,
    genesisHash,
    blobId: new Uint8Array(33).fill(1),
    key: ed25519.getPublicKey(keys(i)),
    drawn: 20,
    verified: 20,
    at: 1_700_000_000_000,
    ...change,
  };
  return { body, signature: ed25519.sign(receiptSignBytes(body), keys(i)) };
}

function book(clock = ownClock()): Receipts {
  const key = ed25519.getPublicKey(keys(99));
  return new Receipts({ genesisHash, key, sign: async (m) => ed25519.sign(m, keys(99)), clock, onChange: () => {} });
}

test('receipts of one blob are so many, whoever hands them on', async () => {
  const receipts = book();
  let taken = 0;
  for (let i = 100; taken < MAX_RECEIPTS_PER_BLOB + 1 && i < MAX_RECEIPTS_PER_BLOB + 105; i++) {
    const { fresh, isTrue } = await receipts.take(`p${i}`, [receipt(i)]);
    expect(isTrue).toBe(true);
    taken += fresh.length;
  }
  expect(taken).toBe(MAX_RECEIPTS_PER_BLOB);
  expect(receipts.views()).toMatchObject([{ keys: MAX_RECEIPTS_PER_BLOB }]);
});

test('a receipt counts once, and only signed, in time and of this chain', async () => {
  const receipts = book();
  expect((await receipts.take('p', [receipt(0), receipt(0), receipt(1)])).fresh).toHaveLength(2);
  const others = [
    receipt(2, { genesisHash: new Uint8Array(32) }),
    receipt(3, { at: 1_700_000_000_000 - RECEIPT_LIFETIME_MS - 1 }),
    receipt(4, { verified: 21 }),
    receipt(5, { version: 2 }),
  ];
  expect(await receipts.take('p', others)).toEqual({ fresh: [], isTrue: true });
  const false_ = { ...receipt(6), signature: receipt(7).signature };
  expect(await receipts.take('p', [false_])).toEqual({ fresh: [], isTrue: false });
  expect(receipts.views()).toMatchObject([{ keys: 2, rows: 40 }]);
});

test('a flood of receipts is dropped unread', async () => {
  const receipts = book();
  const flood = Array.from({ length: MAX_RECEIPT_BURST + 40 }, (_, i) => receipt(i));
  expect((await receipts.take('p', flood)).fresh).toHaveLength(MAX_RECEIPT_BURST);
});
