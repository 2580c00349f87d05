/** Deposits of reports: noted before they are left, and taken back when they are due, over as many runs of the program as it takes. */
import { ChainView } from '@perigee/light-core/da';
import { auditKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { abortable } from '@perigee/net';
import {
  AUDIT_DEPOSITS_VERSION,
  AUDIT_VERDICT,
  AuditDeposits,
  AuditRecord,
  type ComputeReport,
  equal,
  type HeldDeposit,
  MAX_HELD_DEPOSITS,
  PerigeeError,
  Turn,
  toHex,
} from '@perigee/wire';
import type { LightNode } from '../light-node.ts';

/** Under which they are kept. */
const NAME = 'audit-deposits';
/** A report that is not on the chain so many blocks after it was sent never will be: its transaction has ended. */
const UNSENT_BLOCKS = 200;
/** Blocks between two tries where the chain does not give one back, or this node cannot ask. */
const AGAIN_BLOCKS = 20;

/** What the auditor takes back by itself: that of reports which agree, of all, or nothing. With its deposit a report goes, and nobody is warned by it any more. */
export type DepositsBack = 'agreements' | 'all' | 'none';

export interface CollectedDeposit {
  /** Of the order that was reported, hexadecimal. */
  readonly order: string;
  /** Smallest units. */
  readonly deposit: bigint;
}

export interface DepositBookOptions {
  readonly node: Pick<LightNode, 'chain' | 'shelf'>;
  /** That reports, 20 bytes. */
  readonly account: Uint8Array;
  readonly back: DepositsBack;
  /** Takes a report back; resolves when the chain has done it. */
  readonly withdraw: (receipt: HeldDeposit['receipt'], signal: AbortSignal) => Promise<unknown>;
  readonly onCollected?: (collected: CollectedDeposit) => void;
}

/** At most MAX_HELD_DEPOSITS, each with the receipt that taking it back must name. */
export class DepositBook {
  readonly #options: DepositBookOptions;
  readonly #chain: ChainView;
  #held: HeldDeposit[] = [];
  /** Height at which one is looked at again; others when they can be due first. */
  readonly #again = new WeakMap<HeldDeposit, number>();
  readonly #turn = new Turn();
  #collected = 0;

  constructor(options: DepositBookOptions) {
    this.#options = options;
    this.#chain = new ChainView(options.node.chain);
  }

  /** Of this account, not taken back yet; and how many were since this began. */
  get view(): { readonly held: number; readonly collected: number } {
    return { held: this.#own.length, collected: this.#collected };
  }

  /** Reads what earlier runs noted; to be called first. @throws UNKNOWN_VERSION when a later program wrote it; PARSE */
  async open(): Promise<void> {
    const kept = await this.#options.node.shelf.value(NAME);
    if (kept === undefined) return;
    const { version, held } = AuditDeposits.decode(kept);
    if (version !== AUDIT_DEPOSITS_VERSION) {
      const words = `the deposits of reports have format ${version}, and this program reads format ${AUDIT_DEPOSITS_VERSION}`;
      throw new PerigeeError('UNKNOWN_VERSION', words);
    }
    this.#held = [...held];
  }

  /** Notes a report that is about to be sent, if its deposit is to be taken back. @returns whether it is on the device; false also where there are too many */
  hold({ receipt, verdict }: ComputeReport): Promise<boolean> {
    const { account, back } = this.#options;
    if (back === 'none' || (back === 'agreements' && verdict !== AUDIT_VERDICT.agreement)) return Promise.resolve(true);
    return this.#change(() => {
      if (this.#find(receipt) !== undefined) return true;
      if (this.#held.length >= MAX_HELD_DEPOSITS) return false;
      this.#held.push({ account, receipt, height: this.#chain.head().height });
      return true;
    });
  }

  /** Forgets one that was never left. */
  async letGo({ receipt }: Pick<ComputeReport, 'receipt'>): Promise<void> {
    const held = this.#find(receipt);
    if (held !== undefined) await this.#drop(held);
  }

  /** Takes back what is due, whenever there is a new head, until the signal fires; resolves then. */
  async run(signal: AbortSignal): Promise<void> {
    const { chain } = this.#options.node;
    let tell = (): void => {};
    const unwatch = chain.onHead(() => tell());
    try {
      while (!signal.aborted) {
        const news = new Promise<void>((resolve) => {
          tell = resolve;
        });
        await this.#collect(signal);
        await abortable(news, signal);
      }
    } catch (thrown) {
      if (!signal.aborted) throw thrown;
    } finally {
      unwatch();
    }
  }

  async #collect(signal: AbortSignal): Promise<void> {
    const height = this.#options.node.chain.head()?.height;
    if (height === undefined || this.#own.length === 0) return;
    for (const held of this.#own) {
      if (height < (this.#again.get(held) ?? 0)) continue;
      try {
        this.#again.set(held, await this.#look(held, height, signal));
      } catch {
        // what keeps it from being taken back may pass: it is not given up
        if (signal.aborted) return;
        this.#again.set(held, height + AGAIN_BLOCKS);
      }
    }
  }

  /** @returns height from which on it is worth another look */
  async #look(held: HeldDeposit, height: number, signal: AbortSignal): Promise<number> {
    const { node, account, withdraw, onCollected } = this.#options;
    const { appState } = await this.#chain.facts(signal);
    const unlockBlocks = appState.compute?.unlockBlocks ?? 0;
    if (height < held.height + unlockBlocks) return held.height + unlockBlocks;
    const { orderId } = held.receipt.checkpoint.body;
    const raw = await node.chain.get(STORE.compute, auditKey(orderId, account), { signal });
    if (raw === undefined) {
      // it was taken back before, by hand or by a run that was ended just then; or it never came to the chain
      if (height > held.height + Math.max(unlockBlocks, UNSENT_BLOCKS)) await this.#drop(held);
      return height + AGAIN_BLOCKS;
    }
    const record = AuditRecord.decode(raw);
    if (height < record.height + unlockBlocks) return record.height + unlockBlocks;
    await withdraw(held.receipt, signal);
    await this.#drop(held);
    this.#collected++;
    onCollected?.({ order: toHex(orderId), deposit: record.deposit });
    return height;
  }

  get #own(): readonly HeldDeposit[] {
    return this.#held.filter(({ account }) => equal(account, this.#options.account));
  }

  #find({ checkpoint }: HeldDeposit['receipt']): HeldDeposit | undefined {
    return this.#own.find(({ receipt }) => equal(receipt.checkpoint.body.orderId, checkpoint.body.orderId));
  }

  #drop(held: HeldDeposit): Promise<boolean> {
    return this.#change(() => {
      this.#held = this.#held.filter((one) => one !== held);
      return true;
    });
  }

  /** One after another: a report is noted while another is taken back. */
  #change(change: () => boolean): Promise<boolean> {
    return this.#turn.take(
      async () =>
        change() &&
        this.#options.node.shelf.keepValue(NAME, AuditDeposits.encode({ version: AUDIT_DEPOSITS_VERSION, held: this.#held })),
    );
  }
}
