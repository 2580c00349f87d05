import { refuse } from './code.ts';

/** Reads fields of fixed and prefixed lengths one after another; nothing is read beyond the end. */
export class ByteReader {
  readonly #bytes: Uint8Array;
  readonly #what: string;
  #at = 0;

  /** @param what is read, for the sentence */
  constructor(bytes: Uint8Array, what: string) {
    this.#bytes = bytes;
    this.#what = what;
  }

  get at(): number {
    return this.#at;
  }

  /** Bytes that are left. */
  get left(): number {
    return this.#bytes.length - this.#at;
  }

  /** @throws ATTESTATION (PARSE), as all that follow */
  bytes(length: number): Uint8Array {
    if (length > this.left) throw refuse('PARSE', `${this.#what} ends within a field of ${length} bytes`);
    this.#at += length;
    return this.#bytes.subarray(this.#at - length, this.#at);
  }

  /** Little-endian. */
  u16(): number {
    return littleEndian(this.bytes(2));
  }

  u32(): number {
    return littleEndian(this.bytes(4));
  }

  /** Fields one after another. @param lengths bytes of each */
  fields<Name extends string>(lengths: Readonly<Record<Name, number>>): Readonly<Record<Name, Uint8Array>> {
    const all = (Object.entries(lengths) as [Name, number][]).map(([name, length]) => [name, this.bytes(length)] as const);
    return Object.fromEntries(all) as Record<Name, Uint8Array>;
  }

  /** What begins here and has that length. */
  inner(length: number, what: string): ByteReader {
    return new ByteReader(this.bytes(length), what);
  }

  /** @throws ATTESTATION (TRAILING_BYTES) unless all was read */
  end(): void {
    if (this.left > 0) throw refuse('TRAILING_BYTES', `${this.left} bytes stand behind the end of ${this.#what}`);
  }
}

/** At most six bytes. */
export function littleEndian(bytes: Uint8Array): number {
  return bytes.reduceRight((sum, byte) => sum * 256 + byte, 0);
}
