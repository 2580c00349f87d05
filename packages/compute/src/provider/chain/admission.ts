import { orderIdOf, refuseOrder } from '@perigee/light-core/receipt';
import { checkMeans, computeBalanceKey } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import { ComputeBalance, type InferenceReceipt, type PaymentOrder, PerigeeError, toHex } from '@perigee/wire';
import type { Standing } from '../provider.ts';
import { StakeClasses } from './stake-class.ts';

export interface AdmissionOptions {
  readonly state: VerifiedState;
}

/** What an account owes this provider, or may come to owe it. */
interface Due {
  /** Hexadecimal. */
  readonly payer: string;
  /** That signed the order, hexadecimal; empty where its signature has none. */
  readonly key: string;
  readonly amount: bigint;
  /** Last height of a block that may settle it. */
  readonly expiryHeight: number;
}

/**
 * Who may ask: an account whose prepaid balance and cap, as the chain proves them, cover what its orders here can cost together, those that are answered and
 * those that are not settled yet. What it owes others this provider cannot see.
 */
export class Admission {
  readonly #options: AdmissionOptions;
  readonly #classes: StakeClasses;
  /** By orderId in hexadecimal: of answers that are made, the most that they may cost. */
  readonly #open = new Map<string, Due>();
  /** Of receipts that are not settled, what they say. */
  readonly #owed = new Map<string, Due>();
  /** How often something was forgotten. */
  #settlements = 0;

  constructor(options: AdmissionOptions) {
    this.#options = options;
    this.#classes = new StakeClasses(options.state);
  }

  /** Whether more of the answer to an order may be signed for. */
  isOpen(orderId: Uint8Array): boolean {
    return this.#open.has(toHex(orderId));
  }

  /** Receipts that are not settled. */
  get owed(): number {
    return this.#owed.size;
  }

  /**
   * The last block of the order among those that may be settled no later than all others; infinite where nothing is owed.
   *
   * @param height after which it is
   * @param but orders, in hexadecimal, that are passed over
   */
  firstExpiry(height: number, but: ReadonlyMap<string, unknown>): number {
    const ahead = [...this.#owed].filter(([id, { expiryHeight }]) => expiryHeight > height && !but.has(id));
    return Math.min(...ahead.map(([, { expiryHeight }]) => expiryHeight));
  }

  /** @throws ORDER with the check in `data.check`; BUSY before a head is verified; what the state throws when it cannot prove */
  async admit({ body, auth }: PaymentOrder, sessionKey: Uint8Array | undefined): Promise<Standing> {
    const { state } = this.#options;
    if (state.head() === undefined)
      throw new PerigeeError('BUSY', 'this provider has no verified header yet; come again in a moment');
    const stakeClass = await this.#classes.of(body.payer);
    let raw: Uint8Array | undefined;
    let settlements: number;
    do {
      settlements = this.#settlements;
      raw = await state.get(STORE.compute, computeBalanceKey(body.payer));
      // what was settled meanwhile would be neither owed nor taken off the balance
    } while (settlements !== this.#settlements);
    // from here on nothing is awaited: two orders at once cannot both have the last of it
    const payer = toHex(body.payer);
    const key = keyOf(auth);
    const balance = raw === undefined ? undefined : ComputeBalance.decode(raw);
    checkMeans(balance, body, sessionKey, this.#dueOf(payer), this.#dueOf(payer, key));
    const orderId = toHex(orderIdOf(body));
    if (this.#open.has(orderId)) throw refuseOrder('nonce', `order ${orderId} is being answered`);
    this.#open.set(orderId, { payer, key, amount: body.maxFee, expiryHeight: body.expiryHeight });
    return { stakeClass, release: () => void this.#open.delete(orderId) };
  }

  /** Notes the newest receipt of an order. */
  note({ order, checkpoint }: InferenceReceipt): void {
    const { orderId, fee } = checkpoint.body;
    const { payer, expiryHeight } = order.body;
    const due = { payer: toHex(payer), key: keyOf(order.auth), amount: fee, expiryHeight };
    if (fee > 0n) this.#owed.set(toHex(orderId), due);
  }

  /** Forgets what was settled, or cannot be any more. */
  forget(orderIds: readonly Uint8Array[]): void {
    if (orderIds.length > 0) this.#settlements++;
    for (const id of orderIds) this.#owed.delete(toHex(id));
  }

  /** @param key of which orders alone; of all by default */
  #dueOf(payer: string, key?: string): bigint {
    const counts = (one: Due): boolean => one.payer === payer && (key === undefined || one.key === key);
    let due = 0n;
    for (const one of this.#open.values()) if (counts(one)) due += one.amount;
    for (const [id, one] of this.#owed) if (counts(one) && !this.#open.has(id)) due += one.amount;
    return due;
  }
}

function keyOf(auth: PaymentOrder['auth']): string {
  return toHex(auth?.publicKey ?? new Uint8Array(0));
}
