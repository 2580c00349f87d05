import { auditKey } from '@perigee/light-core/registration';
import type { VerifiedHead } from '@perigee/light-core/roles';
import { APP_STATE_KEY, GENESIS_HASH_KEY, STORE } from '@perigee/light-core/state';
import {
  AppState,
  AUDIT_DEPOSITS_VERSION,
  AUDIT_VERDICT,
  AuditDeposits,
  AuditRecord,
  type InferenceReceipt,
  MAX_HELD_DEPOSITS,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import { expect, it } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { SAMPLES } from '../../wire/test/samples.ts';
import { type CollectedDeposit, DepositBook, type DepositsBack } from '../src/audit/index.ts';

const UNLOCK = 30;
const ACCOUNT = new Uint8Array(20).fill(3);
const OTHER = new Uint8Array(20).fill(4);
const RECEIPT = SAMPLES.InferenceReceipt.value as InferenceReceipt;
const FACTS: AppState = {
  version: 1,
  development: true,
  epochBlocks: 10,
  committee: { members: [] },
  accounts: [],
  ethereumChainId: 1,
  maxRetentionBlocks: 1,
  gasPrice: 1n,
  daPrice: 1n,
  collateralFloors: [],
  compute: { minStake: 1n, unbondingBlocks: 5, unlockBlocks: UNLOCK, reportDeposit: 70n },
};

function receiptOf(number: number): InferenceReceipt {
  const { checkpoint } = RECEIPT;
  const orderId = new Uint8Array(32).fill(number & 255).fill(number >> 8, 31);
  return { ...RECEIPT, checkpoint: { ...checkpoint, body: { ...checkpoint.body, orderId } } };
}

/** A chain with what was reported, and a device; both outlive a run. */
class World {
  height = 100;
  readonly values = new Map<string, Uint8Array>();
  readonly records = new Map<string, AuditRecord>();
  /** Receipts that were named to take their reports back. */
  readonly withdrawn: InferenceReceipt[] = [];
  readonly collected: CollectedDeposit[] = [];
  refuses = false;
  readonly #heard = new Set<() => void>();

  grow(blocks: number): void {
    this.height += blocks;
    for (const hear of this.#heard) hear();
  }

  reported(receipt: InferenceReceipt, verdict: number = AUDIT_VERDICT.agreement): void {
    const record = { ...(SAMPLES.AuditRecord.value as AuditRecord), verdict, height: this.height, deposit: 70n };
    this.records.set(toHex(auditKey(receipt.checkpoint.body.orderId, ACCOUNT)), record);
  }

  book(back: DepositsBack = 'agreements', account = ACCOUNT): DepositBook {
    return new DepositBook({
      node: {
        chain: {
          head: () => ({ height: this.height, chainId: 'test' }) as VerifiedHead,
          onHead: (hear) => {
            const one = (): void => hear({} as VerifiedHead);
            this.#heard.add(one);
            return () => this.#heard.delete(one);
          },
          get: async (store, key) => {
            if (store !== STORE.chain) {
              const record = this.records.get(toHex(key));
              return record && AuditRecord.encode(record);
            }
            const facts = new Map([
              [toHex(GENESIS_HASH_KEY), new Uint8Array(32)],
              [toHex(APP_STATE_KEY), AppState.encode(FACTS)],
            ]);
            return facts.get(toHex(key));
          },
        },
        shelf: {
          value: async (name) => this.values.get(name),
          keepValue: async (name, bytes) => {
            this.values.set(name, bytes);
            return true;
          },
          changeValue: async () => false,
        },
      },
      account,
      back,
      withdraw: async (receipt) => {
        const key = toHex(auditKey(receipt.checkpoint.body.orderId, account));
        const dueAt = (this.records.get(key)?.height ?? 0) + UNLOCK;
        if (this.refuses || this.height + 1 < dueAt) throw new PerigeeError('REFUSED', 'the chain refused it');
        this.records.delete(key);
        this.withdrawn.push(receipt);
      },
      onCollected: (one) => this.collected.push(one),
    });
  }
}

/** Runs a book until it was looked at by all means, then stops it. */
async function during(book: DepositBook, act: () => Promise<void>): Promise<void> {
  const stop = new AbortController();
  await book.open();
  const running = book.run(stop.signal);
  await act();
  stop.abort();
  await running;
}

const agreement = (number: number) => ({
  receipt: receiptOf(number),
  verdict: AUDIT_VERDICT.agreement,
  ownHash: new Uint8Array(32),
});

it('takes the deposit of an agreement back when it is due, and not before, also in a later run', async () => {
  const world = new World();
  await during(world.book(), async () => {
    const first = world.book();
    await first.open();
    expect(await first.hold(agreement(1))).toBe(true);
    world.grow(1);
    world.reported(receiptOf(1));
    expect(first.view).toEqual({ held: 1, collected: 0 });
  });
  const later = world.book();
  await during(later, async () => {
    world.grow(UNLOCK - 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(world.withdrawn).toEqual([]);
    world.grow(1);
    await eventually(() => expect(later.view).toEqual({ held: 0, collected: 1 }));
  });
  expect(world.withdrawn).toEqual([receiptOf(1)]);
  expect(world.collected).toEqual([{ order: `${'01'.repeat(31)}00`, deposit: 70n }]);
  // what came back does not come back twice
  const last = world.book();
  await last.open();
  expect(last.view.held).toBe(0);
});

it('lets false reports stand unless it is told to take all back, or nothing', async () => {
  const world = new World();
  const fraud = { ...agreement(2), verdict: AUDIT_VERDICT.fraud };
  for (const [back, said, held] of [
    ['agreements', fraud, 0],
    ['none', agreement(2), 0],
    ['all', fraud, 1],
  ] as const) {
    const book = world.book(back);
    expect(await book.hold(said)).toBe(true);
    expect(book.view.held).toBe(held);
  }
});

it('tries again where the chain refuses, forgets what never came to the chain, and leaves alone what another account left', async () => {
  const world = new World();
  const book = world.book();
  world.refuses = true;
  await book.hold(agreement(3));
  await book.hold(agreement(4)); // never sent
  await book.hold(agreement(5));
  await book.letGo(agreement(5)); // could not be paid
  world.reported(receiptOf(3));
  await world.book('agreements', OTHER).open();
  await during(book, async () => {
    world.grow(UNLOCK + 1);
    await new Promise((resolve) => setTimeout(resolve, 20));
    expect(book.view).toEqual({ held: 2, collected: 0 });
    world.refuses = false;
    for (let blocks = 0; blocks < 300; blocks += 20) {
      world.grow(20);
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await eventually(() => expect(book.view).toEqual({ held: 0, collected: 1 }));
  });
  expect(world.withdrawn).toEqual([receiptOf(3)]);
  const other = world.book('agreements', OTHER);
  await other.hold(agreement(6));
  const mine = world.book();
  await mine.open();
  expect(mine.view.held).toBe(0);
});

it('notes a bounded number, each once, and refuses what a later program wrote', async () => {
  const world = new World();
  const book = world.book();
  expect(await book.hold(agreement(0))).toBe(true);
  expect(await book.hold(agreement(0))).toBe(true);
  expect(book.view.held).toBe(1);
  const held = Array.from({ length: MAX_HELD_DEPOSITS }, (_, i) => ({ account: ACCOUNT, receipt: receiptOf(i), height: 1 }));
  world.values.set('audit-deposits', AuditDeposits.encode({ version: AUDIT_DEPOSITS_VERSION, held }));
  const full = world.book();
  await full.open();
  expect(await full.hold(agreement(MAX_HELD_DEPOSITS))).toBe(false);
  world.values.set('audit-deposits', AuditDeposits.encode({ version: AUDIT_DEPOSITS_VERSION + 1, held: [] }));
  await expect(world.book().open()).rejects.toMatchObject({ code: 'UNKNOWN_VERSION' });
});
