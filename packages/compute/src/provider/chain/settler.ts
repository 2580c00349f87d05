import { settledOrderKey } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import {
  equal,
  type InferenceReceipt,
  MAX_CLAIMS_PER_SETTLEMENT,
  PerigeeError,
  SETTLE_BEFORE_BLOCKS,
  SettledOrder,
  type SignerKey,
  type TxMessage,
  toHex,
} from '@perigee/wire';
import type { PaidLedger } from '../paid-ledger.ts';
import type { Admission } from './admission.ts';

export interface SettlerOptions {
  readonly state: VerifiedState;
  readonly ledger: Pick<PaidLedger, 'receipts' | 'settled' | 'prune'>;
  readonly admission: Admission;
  /** Blocks that receipts wait for others to be settled with. */
  readonly everyBlocks: number;
  /** Sends a message of the provider's account, and resolves when the state shows what became of it. */
  readonly send: (message: TxMessage, signal: AbortSignal) => Promise<void>;
}

export interface Settlement {
  /** Smallest units that the state says were paid for them, and orders of which nothing is owed any more. */
  readonly paid: bigint;
  readonly settled: number;
  /** Orders that the chain did not pay for, and whose receipts are kept until none of their blocks is left. */
  readonly refused: number;
}

/** Has the chain pay for receipts, many at a time. */
export class Settler {
  readonly #options: SettlerOptions;
  /** Since when receipts wait. */
  #waitingSince: number | undefined;
  /** By orderId in hexadecimal: when the chain refused it last. It comes again later, and keeps no other from its turn. */
  readonly #refusedAt = new Map<string, number>();
  #prunedAt = 0;

  constructor(options: SettlerOptions) {
    this.#options = options;
  }

  /**
   * Settles where that is due.
   *
   * @param options.now settle all that there is, as before an end
   * @returns `undefined` when nothing was due
   * @throws TX_FEE, REFUSED; STORE_CORRUPT, STORE_FULL; ABORTED
   */
  async settle(signal: AbortSignal, { now = false } = {}): Promise<Settlement | undefined> {
    const { state, ledger, admission, everyBlocks } = this.#options;
    const height = state.head()?.height ?? 0;
    // orders for which nothing is due are forgotten too
    if (height >= this.#prunedAt + everyBlocks) {
      this.#prunedAt = height;
      await this.#prune(height);
    }
    if (admission.owed === 0) {
      this.#waitingSince = undefined;
      return undefined;
    }
    this.#waitingSince ??= height;
    const isLate =
      height >= this.#waitingSince + everyBlocks ||
      admission.firstExpiry(height, this.#refusedAt) <= height + SETTLE_BEFORE_BLOCKS;
    if (!now && !isLate && admission.owed - this.#refusedAt.size < MAX_CLAIMS_PER_SETTLEMENT) return undefined;
    this.#waitingSince = height;
    const refusedAt = ({ checkpoint }: InferenceReceipt): number =>
      this.#refusedAt.get(toHex(checkpoint.body.orderId)) ?? -everyBlocks;
    const all = (await ledger.receipts())
      .filter((receipt) => {
        const { orderId, fee } = receipt.checkpoint.body;
        const { expiryHeight } = receipt.order.body;
        const rests = !now && refusedAt(receipt) > height - everyBlocks;
        return fee > 0n && expiryHeight > height && !rests && !admission.isOpen(orderId);
      })
      .sort((a, b) => refusedAt(a) - refusedAt(b) || a.order.body.expiryHeight - b.order.body.expiryHeight);
    if (all.length === 0) return undefined;
    const sum = { paid: 0n, settled: 0, refused: 0 };
    let refusal: PerigeeError | undefined;
    // a settlement is of one key's receipts; one that the chain does not know any more keeps none of the others from being paid
    for (const { signer, receipts } of bySigner(all)) {
      const sent = receipts.slice(0, MAX_CLAIMS_PER_SETTLEMENT);
      try {
        const { paid, settled, refused } = await this.#send(signer, sent, height, signal);
        sum.paid += paid;
        sum.settled += settled;
        sum.refused += refused;
      } catch (thrown) {
        const error = PerigeeError.from(thrown);
        if (error.code !== 'REFUSED') throw thrown;
        refusal ??= error;
        sum.refused += sent.length;
      }
    }
    if (refusal !== undefined && sum.settled === 0) throw refusal;
    return sum;
  }

  async #send(
    signer: SignerKey,
    receipts: readonly InferenceReceipt[],
    height: number,
    signal: AbortSignal,
  ): Promise<Settlement> {
    const { ledger, send } = this.#options;
    const claims = receipts.map(({ order, checkpoint }) => ({ order, checkpoint }));
    let refusal: PerigeeError | undefined;
    await send({ computeSettle: { signer, claims } }, signal).catch((thrown: unknown) => {
      // a settlement of which nothing is paid fails as a whole; what the state says counts
      refusal = PerigeeError.from(thrown);
      if (refusal.code !== 'REFUSED') throw thrown;
    });
    const done: Uint8Array[] = [];
    let paid = 0n;
    for (const receipt of receipts) {
      const fee = await this.#paidFor(receipt, signal);
      const { orderId } = receipt.checkpoint.body;
      if (fee === undefined) {
        this.#refusedAt.set(toHex(orderId), height);
        continue;
      }
      paid += fee;
      done.push(orderId);
    }
    if (done.length === 0 && refusal !== undefined) throw refusal;
    await ledger.settled(done);
    this.#forget(done);
    return { paid, settled: done.length, refused: receipts.length - done.length };
  }

  /** @returns what the state says was paid for exactly this receipt, or a later one of its order */
  async #paidFor({ order, checkpoint }: InferenceReceipt, signal: AbortSignal): Promise<bigint | undefined> {
    const { payer, provider, nonce } = order.body;
    const raw = await this.#options.state.get(STORE.compute, settledOrderKey(payer, provider, nonce), { signal });
    if (raw === undefined) return undefined;
    const { orderId, sequence, fee } = SettledOrder.decode(raw);
    return equal(orderId, checkpoint.body.orderId) && sequence >= checkpoint.body.sequence ? fee : undefined;
  }

  /** Forgets orders that no block can settle any more. */
  async #prune(height: number): Promise<void> {
    const { ledger } = this.#options;
    const lost = (await ledger.receipts()).filter(({ order }) => order.body.expiryHeight < height);
    await ledger.prune(height);
    this.#forget(lost.map(({ checkpoint }) => checkpoint.body.orderId));
  }

  #forget(orderIds: readonly Uint8Array[]): void {
    this.#options.admission.forget(orderIds);
    for (const id of orderIds) this.#refusedAt.delete(toHex(id));
  }
}

/** Of one key each, in the order of the first of each. */
function bySigner(all: readonly InferenceReceipt[]): readonly { signer: SignerKey; receipts: readonly InferenceReceipt[] }[] {
  const groups = new Map<string, { signer: SignerKey; receipts: InferenceReceipt[] }>();
  for (const receipt of all) {
    const { signer } = receipt;
    const name = `${signer.scheme} ${toHex(signer.key)}`;
    const group = groups.get(name) ?? { signer, receipts: [] };
    group.receipts.push(receipt);
    groups.set(name, group);
  }
  return [...groups.values()];
}
