/** An auditor that is killed: at every write, report and answer of the chain, before it counts and after. What came of a false answer is never lost. */
import { encodeReceiptFile } from '@perigee/light-core/receipt';
import { auditKey } from '@perigee/light-core/registration';
import type { VerifiedHead } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import { cryptoRandomBytes, systemClock } from '@perigee/net';
import {
  AUDIT_VERDICT,
  AuditBook,
  AuditRecord,
  BlobRecord,
  type ComputeReport,
  MAX_AUDIT_BEGINNINGS,
  toHex,
} from '@perigee/wire';
import { expect, it, onTestFailed } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { randomOf } from '../../../tests/kit/random.ts';
import { type Exchange, exchange, openedOf } from '../../light-core/test/receipt/honest.ts';
import { SAMPLES } from '../../wire/test/samples.ts';
import { AuditWatch, type LaidOutFinding } from '../src/audit/audit-watch.ts';
import type { AuditFinding } from '../src/audit/auditor.ts';

const ACCOUNT = new Uint8Array(20).fill(3);
const BLOB = new Uint8Array(33).fill(9).fill(0, 0, 1);
const head = { chainId: 'test', height: 50 } as VerifiedHead;

/** What outlives a kill: the device, and the chain. */
class World {
  readonly values = new Map<string, Uint8Array>();
  readonly receipts = new Set<string>();
  readonly reports = new Map<string, ComputeReport>();
}

/** One run of the program. After its end nothing that it does counts, or returns. */
class Run {
  readonly told: LaidOutFinding[] = [];
  readonly #stop = new AbortController();
  /** Of steps that count. */
  #steps = 0;
  isDead = false;
  readonly ended: Promise<void>;

  /** @param diesAt step in which it is killed, 1 the first; it has two sides, before it counts and after */
  constructor(world: World, one: Exchange, diesAt = Number.POSITIVE_INFINITY) {
    const opened = openedOf(one);
    const file = encodeReceiptFile(opened);
    const { body } = one.checkpoints.at(-1) ?? expect.unreachable();
    const never = new Promise<never>(() => {});
    const step = async <T>(act: () => T): Promise<T> => {
      for (const doIt of [() => undefined, act]) {
        if (this.isDead || ++this.#steps === diesAt) {
          this.isDead = true;
          return never;
        }
        if (doIt === act) return act();
      }
      return never;
    };
    const record = { ...(SAMPLES.BlobRecord.value as BlobRecord), length: file.length, expiryHeight: 1_000 };
    const said = (): Uint8Array | undefined =>
      world.reports.has(toHex(body.orderId))
        ? AuditRecord.encode({ ...(SAMPLES.AuditRecord.value as AuditRecord), sequence: body.sequence })
        : undefined;
    const watch = new AuditWatch({
      node: {
        chain: {
          head: () => head,
          onHead: () => () => {},
          get: async (store, key) =>
            store !== STORE.compute
              ? BlobRecord.encode(record)
              : toHex(key) === toHex(auditKey(body.orderId, ACCOUNT))
                ? said()
                : undefined,
        },
        list: async (_, { above = 0 } = {}) =>
          above < 7 ? [{ height: 7, blobIds: [toHex(BLOB)], previous: 0, provedAt: 50 }] : [],
        retrieve: async (_, { sink }) => {
          await sink.write(file);
          return {} as never;
        },
        shelf: {
          value: async (name) => world.values.get(name),
          keepValue: (name, bytes) => step(() => void world.values.set(name, bytes)).then(() => true),
          changeValue: async () => false,
        },
        state: { budgets: { throttledBy: [] } } as never,
      },
      auditor: {
        async audit(given): Promise<AuditFinding> {
          const report = { receipt: given.receipt, verdict: AUDIT_VERDICT.fraud, ownHash: new Uint8Array(32) };
          return { opened: given, outcome: 'fraud', reason: 'It is false.', report };
        },
      },
      rate: 1,
      says: 'all',
      account: ACCOUNT,
      report: (report) => step(() => void world.reports.set(toHex(report.receipt.checkpoint.body.orderId), report)),
      keepFalse: (kept) => step(() => void world.receipts.add(toHex(kept.receipt.checkpoint.body.orderId))),
      random: cryptoRandomBytes,
      clock: systemClock,
      onFinding: (finding) => {
        if (!this.isDead) this.told.push(finding);
      },
    });
    this.ended = watch.run(this.#stop.signal);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.ended;
  }
}

it('keeps the receipt of a false answer before it says it, and says it before it is struck off, wherever it is killed', async () => {
  const random = randomOf(onTestFailed);
  let one = await exchange(random);
  while (one.chunks.length === 0) one = await exchange(random);
  const order = toHex(one.checkpoints.at(-1)?.body.orderId ?? expect.unreachable());
  let kills = 0;
  for (;;) {
    const world = new World();
    const first = new Run(world, one, kills + 1);
    await eventually(() => expect(first.isDead || first.told.length === 1).toBe(true));
    // what was told is on disk, and what the chain has too
    if (first.told.length > 0 || world.reports.size > 0) expect(world.receipts.has(order), `kill ${kills + 1}`).toBe(true);
    if (first.isDead) {
      kills++;
      const second = new Run(world, one);
      await eventually(() => {
        expect([...world.receipts], `kill ${kills}`).toEqual([order]);
        expect([...world.reports.keys()], `kill ${kills}`).toEqual([order]);
        expect([...first.told, ...second.told].length, `kill ${kills}`).toBeGreaterThan(0);
        expect(bookOf(world).begun, `kill ${kills}`).toBeUndefined();
      });
      await second.stop();
    } else {
      await eventually(() => expect(bookOf(world).begun).toBeUndefined());
      await first.stop();
      if (!first.isDead) break;
    }
  }
  // listing, beginning, receipt, report, striking off: each before it counts and after
  expect(kills).toBeGreaterThanOrEqual(9);
});

it('gives a blob up that ended the program each time', async () => {
  const one = await exchange(randomOf(onTestFailed));
  const world = new World();
  for (let times = 1; times <= MAX_AUDIT_BEGINNINGS; times++) {
    // the first run writes what it has listed too
    const killed = new Run(world, one, times === 1 ? 5 : 3);
    await eventually(() => expect([killed.isDead, bookOf(world).begun?.times]).toEqual([true, times]));
  }
  const last = new Run(world, one);
  await eventually(() => expect(last.told).toMatchObject([{ outcome: 'undecided', check: 'ABORTED' }]));
  await last.stop();
  expect([bookOf(world).begun, world.reports.size]).toEqual([undefined, 0]);
});

function bookOf({ values }: World): AuditBook {
  return AuditBook.decode(values.get('audits') ?? expect.unreachable());
}
