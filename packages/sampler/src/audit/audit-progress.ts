import { uniform } from '@perigee/light-core/da';
import type { RandomBytes } from '@perigee/light-core/roles';
import {
  AUDIT_BOOK_VERSION,
  AuditBook,
  concat,
  equal,
  fromHex,
  MAX_AGREEMENTS_PER_DAY,
  MAX_AUDIT_BLOBS_PER_DAY,
  MAX_AUDIT_BYTES_PER_DAY,
  MAX_KNOWN_AUDITS,
  MAX_WAITING_AUDITS,
  PerigeeError,
  toHex,
  u32be,
} from '@perigee/wire';
import { dayOf } from '../budgets/index.ts';

/** What is known of a receipt before anything of it was verified. */
interface Named {
  readonly orderId: Uint8Array;
  readonly sequence: number;
}

/** A blob that is looked at. */
export interface Begun {
  /** Hexadecimal. */
  readonly blobId: string;
  /** This time counted. */
  readonly times: number;
}

const ORDER_BYTES = 32;

/** How far an auditor is with what is laid out, and what it has used of its day. It is kept from one run to the next (`AuditBook`). */
export class AuditProgress {
  /** Of the last listing whose blobs were drawn. */
  height = 0;
  #waiting: string[] = [];
  #begun: Begun | undefined;
  #known: Uint8Array[] = [];
  #day: { day: number; blobs: number; bytes: number; agreements: number };

  constructor(nowMs: number) {
    this.#day = { day: dayOf(nowMs), blobs: 0, bytes: 0, agreements: 0 };
  }

  /** @throws UNKNOWN_VERSION when a later program wrote it; PARSE */
  static decode(kept: Uint8Array, nowMs: number): AuditProgress {
    const { version, height, waiting, known, begun, ...day } = AuditBook.decode(kept);
    if (version < 1 || version > AUDIT_BOOK_VERSION) {
      throw new PerigeeError(
        'UNKNOWN_VERSION',
        `the book of audits has format ${version}, and this program reads 1 to ${AUDIT_BOOK_VERSION}`,
      );
    }
    const progress = new AuditProgress(nowMs);
    progress.height = height;
    progress.#waiting = waiting.map(toHex);
    progress.#known = [...known];
    progress.#begun = begun && { blobId: toHex(begun.blobId), times: begun.times };
    progress.#day = day;
    progress.#roll(nowMs);
    return progress;
  }

  encode(): Uint8Array {
    const waiting = this.#waiting.map((blobId) => fromHex(blobId, 33));
    const begun = this.#begun && { ...this.#begun, blobId: fromHex(this.#begun.blobId, 33) };
    const { height } = this;
    return AuditBook.encode({ version: AUDIT_BOOK_VERSION, height, waiting, known: this.#known, ...this.#day, begun });
  }

  /** That are to be looked at, one that an earlier run was killed with included. */
  get waiting(): number {
    return this.#waiting.length + (this.#begun === undefined ? 0 : 1);
  }

  get today(): { readonly blobs: number; readonly bytes: number; readonly agreements: number } {
    return this.#day;
  }

  /** Lets a blob wait. Where too many do, one of them all goes, whichever: that keeps the draw a fair one. @returns whether one had to go */
  wait(blobId: string, random: RandomBytes): boolean {
    if (this.#waiting.length < MAX_WAITING_AUDITS) {
      this.#waiting.push(blobId);
      return false;
    }
    const place = uniform(MAX_WAITING_AUDITS + 1, () => wordOf(random(4)));
    if (place < MAX_WAITING_AUDITS) this.#waiting[place] = blobId;
    return true;
  }

  /** Begins with the next: with one that was begun and not ended, as by a run that was killed, once more. */
  begin(): Begun | undefined {
    const next = this.#begun?.blobId ?? this.#waiting.shift();
    this.#begun = next === undefined ? undefined : { blobId: next, times: 1 + (this.#begun?.times ?? 0) };
    return this.#begun;
  }

  /** Strikes off what was begun: whatever came of it is on disk. */
  end(): void {
    this.#begun = undefined;
  }

  /** What was begun and not ended comes first the next time, and has done nobody harm. */
  putBack(): void {
    if (this.#begun !== undefined) this.#waiting.unshift(this.#begun.blobId);
    this.#begun = undefined;
  }

  /** Whether the bounds of the day let another blob come. */
  mayFetch(nowMs: number): boolean {
    this.#roll(nowMs);
    return this.#day.blobs < MAX_AUDIT_BLOBS_PER_DAY && this.#day.bytes < MAX_AUDIT_BYTES_PER_DAY;
  }

  noteFetch(bytes: number, nowMs: number): void {
    this.#roll(nowMs);
    this.#day.blobs++;
    this.#day.bytes += bytes;
  }

  mayAgree(nowMs: number): boolean {
    this.#roll(nowMs);
    return this.#day.agreements < MAX_AGREEMENTS_PER_DAY;
  }

  noteAgreement(): void {
    this.#day.agreements++;
  }

  /** Whether this part of an order, or a longer one, was executed before. */
  isKnown({ orderId, sequence }: Named): boolean {
    return this.#known.some((entry) => equal(entry.subarray(0, ORDER_BYTES), orderId) && sequenceOf(entry) >= sequence);
  }

  /** @param named of a receipt that holds: else a false one could keep its order from being looked at */
  know({ orderId, sequence }: Named): void {
    this.#known = this.#known.filter((entry) => !equal(entry.subarray(0, ORDER_BYTES), orderId));
    this.#known.push(concat(orderId, u32be(sequence)));
    if (this.#known.length > MAX_KNOWN_AUDITS) this.#known.shift();
  }

  #roll(nowMs: number): void {
    const day = dayOf(nowMs);
    if (day !== this.#day.day) this.#day = { day, blobs: 0, bytes: 0, agreements: 0 };
  }
}

function wordOf({ buffer, byteOffset }: Uint8Array): number {
  return new DataView(buffer, byteOffset).getUint32(0);
}

function sequenceOf(entry: Uint8Array): number {
  return new DataView(entry.buffer, entry.byteOffset).getUint32(ORDER_BYTES);
}
