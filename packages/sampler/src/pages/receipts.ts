import type { Clock } from '@perigee/light-core/roles';
import { bestEd25519 } from '@perigee/light-core/signature';
import { TokenBucket } from '@perigee/net';
import {
  concat,
  equal,
  fromHex,
  MAX_PAGES,
  MAX_RECEIPT_BURST,
  MAX_RECEIPTS,
  MAX_RECEIPTS_PER_BLOB,
  MAX_RECEIPTS_PER_SECOND,
  RECEIPT_CLOCK_SKEW_MS,
  RECEIPT_LIFETIME_MS,
  RECEIPT_VERSION,
  ReceiptBody,
  SampleReceipt,
  toHex,
  utf8,
} from '@perigee/wire';
import type { BlobView, ReceiptsView } from '../state.ts';

const DOMAIN = utf8('perigee/sample/receipt/v0');
/** Rates of senders that are remembered: they outlive a connection, so that nobody starts afresh by coming again. */
const MAX_SENDERS = 16 * MAX_PAGES;

export interface ReceiptsOptions {
  readonly genesisHash: Uint8Array;
  readonly key: Uint8Array;
  /** Signs with that key. */
  readonly sign: (message: Uint8Array) => Promise<Uint8Array>;
  readonly clock: Clock;
  readonly onChange: () => void;
}

/**
 * What this light node and others say that they have sampled. Each receipt is signed by the key that is its light node's peer id, and that is all that
 * it shows: whoever makes many keys makes many receipts. Nothing here counts for a confidence.
 */
export class Receipts {
  readonly #options: ReceiptsOptions;
  readonly #verify = bestEd25519(crypto.subtle);
  /** By blob and key, the one heard of last at the end. Of one key and blob the first counts. */
  readonly #held = new Map<string, SampleReceipt>();
  readonly #perBlob = new Map<string, { keys: number; rows: number }>();
  readonly #rates = new Map<string, TokenBucket>();

  constructor(options: ReceiptsOptions) {
    this.#options = options;
  }

  /** Of others, by blob. */
  views(): ReceiptsView[] {
    return [...this.#perBlob].map(([blobId, { keys, rows }]) => ({ blobId, keys, rows }));
  }

  /** Those that are still of use to who has just come, newest first. */
  recent(count: number): SampleReceipt[] {
    const now = this.#options.clock.now();
    return [...this.#held.values()]
      .reverse()
      .filter(({ body }) => isTimely(body.at, now))
      .slice(0, count);
  }

  /** Signs what sampling of a blob came to. */
  async make({ blobId, confidence, outcomeAtMs }: BlobView): Promise<SampleReceipt | undefined> {
    const { genesisHash, key, sign, clock } = this.#options;
    if (confidence === undefined) return undefined;
    const { drawn, verified } = confidence;
    const body: ReceiptBody = {
      version: RECEIPT_VERSION,
      genesisHash,
      blobId: fromHex(blobId, 33),
      key,
      drawn,
      verified,
      at: outcomeAtMs ?? clock.now(),
    };
    const receipt = { body, signature: await sign(receiptSignBytes(body)) };
    this.#hold(keyOf(receipt), receipt);
    return receipt;
  }

  /**
   * Takes what a page hands on, within its rate.
   *
   * @returns what is new and true, to be handed on; `false` when one was not signed as it says: its sender did not look at it, or made it
   */
  async take(sender: string, receipts: readonly SampleReceipt[]): Promise<{ fresh: SampleReceipt[]; isTrue: boolean }> {
    const { genesisHash, clock, key, onChange } = this.#options;
    const rate = this.#rateOf(sender);
    const fresh: SampleReceipt[] = [];
    for (const receipt of receipts) {
      if (!rate.take()) break;
      const { body, signature } = receipt;
      const id = keyOf(receipt);
      if (this.#held.has(id) || equal(body.key, key) || body.version !== RECEIPT_VERSION) continue;
      if (!equal(body.genesisHash, genesisHash) || body.verified > body.drawn) continue;
      if (!isTimely(body.at, clock.now()) || this.#isFull(toHex(body.blobId))) continue;
      // copies: what was received lies on a frame that others share
      const own = SampleReceipt.decode(SampleReceipt.encode(receipt));
      if (!(await this.#verify(body.key, receiptSignBytes(body), signature))) return { fresh, isTrue: false };
      if (this.#held.has(id)) continue; // another page handed it on meanwhile
      this.#hold(id, own);
      fresh.push(own);
    }
    if (fresh.length > 0) onChange();
    return { fresh, isTrue: true };
  }

  #rateOf(sender: string): TokenBucket {
    const rate = this.#rates.get(sender) ?? new TokenBucket(this.#options.clock, MAX_RECEIPTS_PER_SECOND, MAX_RECEIPT_BURST);
    this.#rates.delete(sender);
    this.#rates.set(sender, rate);
    const [oldest] = this.#rates.keys();
    if (this.#rates.size > MAX_SENDERS && oldest !== undefined) this.#rates.delete(oldest);
    return rate;
  }

  #isFull(blobId: string): boolean {
    return (this.#perBlob.get(blobId)?.keys ?? 0) >= MAX_RECEIPTS_PER_BLOB;
  }

  #hold(id: string, receipt: SampleReceipt): void {
    this.#held.delete(id);
    this.#held.set(id, receipt);
    this.#count(receipt, 1);
    const [oldest] = this.#held;
    if (this.#held.size <= MAX_RECEIPTS || oldest === undefined) return;
    this.#held.delete(oldest[0]);
    this.#count(oldest[1], -1);
  }

  #count({ body }: SampleReceipt, by: 1 | -1): void {
    if (equal(body.key, this.#options.key)) return;
    const blobId = toHex(body.blobId);
    const { keys, rows } = this.#perBlob.get(blobId) ?? { keys: 0, rows: 0 };
    if (keys + by === 0) this.#perBlob.delete(blobId);
    else this.#perBlob.set(blobId, { keys: keys + by, rows: rows + by * body.verified });
  }
}

/** What a receipt's signature covers. */
export function receiptSignBytes(body: ReceiptBody): Uint8Array {
  return concat(DOMAIN, ReceiptBody.encode(body));
}

function keyOf({ body }: SampleReceipt): string {
  return `${toHex(body.blobId)} ${toHex(body.key)}`;
}

function isTimely(at: number, now: number): boolean {
  return at <= now + RECEIPT_CLOCK_SKEW_MS && at >= now - RECEIPT_LIFETIME_MS;
}
