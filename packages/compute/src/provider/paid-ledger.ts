import { letGo, OpenLevel, openOnce } from '@perigee/disk';
import { orderIdOf, refuseOrder } from '@perigee/light-core/receipt';
import { concat, InferenceReceipt, type PaymentOrder, type PaymentOrderBody, Turn, toHex, u64be } from '@perigee/wire';

const FORMAT = 1;
const [NONCES, RECEIPTS] = ['n/', 'r/'];
/** One more than `/`, in bytes: ends the keys below a prefix. */
const END = '0';

/**
 * What a provider must not forget: which orders it has begun, and the last checkpoint of each, which is what it is paid by. Everything is on disk (fsync)
 * before the client hears of it.
 *
 * `n/<payer>/<nonce>` holds u64be expiryHeight ‖ orderId, `r/<orderId>` a canonical InferenceReceipt; names in hexadecimal.
 */
export class PaidLedger {
  readonly #path: string;
  readonly #level: OpenLevel;
  readonly #turn = new Turn();

  private constructor(path: string, level: OpenLevel) {
    this.#path = path;
    this.#level = level;
  }

  /** @param dir a folder of its own @throws STORE_LOCKED, STORE_VERSION, STORE_CORRUPT, STORE_FULL */
  static async open(dir: string): Promise<PaidLedger> {
    return openOnce(
      dir,
      'paid answers',
      async (path) => new PaidLedger(path, await OpenLevel.open(path, FORMAT, 'paid answers')),
    );
  }

  /**
   * Takes an order, once.
   *
   * @param onFree called when nobody has taken it before, while it goes to the disk
   * @throws ORDER (`nonce`) when (payer, nonce) was taken before; STORE_FULL, STORE_CORRUPT
   */
  begin({ body }: PaymentOrder, onFree = (): void => {}): Promise<void> {
    const key = nonceKey(body);
    return this.#turn.take(async () => {
      if ((await this.#level.read((level) => level.get(key))) !== undefined) {
        throw refuseOrder('nonce', `the nonce ${toHex(body.nonce)} of ${toHex(body.payer)} was used before: take another`);
      }
      onFree();
      const value = concat(u64be(body.expiryHeight), orderIdOf(body));
      await this.#level.write((level) => level.put(key, value, { sync: true }));
    });
  }

  /** Keeps the newest checkpoint of an order that was begun, in place of the one before. */
  keep(receipt: InferenceReceipt): Promise<void> {
    const key = `${RECEIPTS}${toHex(receipt.checkpoint.body.orderId)}`;
    const value = InferenceReceipt.encode(receipt);
    return this.#level.write((level) => level.put(key, value, { sync: true }));
  }

  /** Receipts that are not settled, each the last of its order. @throws STORE_CORRUPT */
  async receipts(): Promise<InferenceReceipt[]> {
    const out: InferenceReceipt[] = [];
    for await (const [key, value] of this.#level.entries()) {
      if (key.startsWith(RECEIPTS)) out.push(InferenceReceipt.decodeCanonical(value));
    }
    return out;
  }

  /** Forgets receipts that the chain has settled. Their nonces stay taken. */
  settled(orderIds: readonly Uint8Array[]): Promise<void> {
    const batch = orderIds.map((id) => ({ type: 'del' as const, key: `${RECEIPTS}${toHex(id)}` }));
    return this.#level.write((level) => level.batch(batch, { sync: true }));
  }

  /** Forgets orders that no block can settle any more, and their receipts. @param height of the chain */
  async prune(height: number): Promise<number> {
    const gone: string[] = [];
    const entries = await this.#level.read((level) => level.iterator({ gte: NONCES, lt: `${NONCES.slice(0, -1)}${END}` }).all());
    for (const [key, value] of entries) {
      const expiry = new DataView(value.buffer, value.byteOffset, value.byteLength).getBigUint64(0);
      if (expiry < BigInt(height)) gone.push(key, `${RECEIPTS}${toHex(value.subarray(8))}`);
    }
    await this.#level.write((level) => level.batch(gone.map((key) => ({ type: 'del' as const, key }))));
    return gone.length / 2;
  }

  async close(): Promise<void> {
    await this.#turn.idle();
    await this.#level.close();
    letGo(this.#path);
  }
}

function nonceKey({ payer, nonce }: PaymentOrderBody): string {
  return `${NONCES}${toHex(payer)}/${toHex(nonce)}`;
}
