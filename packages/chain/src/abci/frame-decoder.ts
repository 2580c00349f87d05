import { PerigeeError, readUvarint } from '@perigee/wire';

/** A length of more bytes is above any bound. */
const MAX_PREFIX_BYTES = 5;

/** Cuts a socket's bytes into frames: uvarint length, then that many bytes. Memory is only taken for bytes that have arrived. */
export class FrameDecoder {
  readonly #maxFrameBytes: number;
  #chunks: Uint8Array[] = [];
  #held = 0;
  /** Prefix and body length of the frame that is being received. */
  #frame: { readonly prefix: number; readonly length: number } | undefined;

  constructor(maxFrameBytes: number) {
    this.#maxFrameBytes = maxFrameBytes;
  }

  /** Bytes that wait for the rest of their frame. */
  get held(): number {
    return this.#held;
  }

  /** @param chunk handed over: it is kept until its frames are taken */
  push(chunk: Uint8Array): void {
    if (chunk.length === 0) return;
    this.#chunks.push(chunk);
    this.#held += chunk.length;
  }

  /**
   * @returns the next whole frame, `undefined` when its end is not here yet
   * @throws FRAME_TOO_LARGE, PARSE (length not minimal); nothing after it can be read
   */
  next(): Uint8Array | undefined {
    this.#frame ??= this.#readPrefix();
    if (this.#frame === undefined) return undefined;
    const { prefix, length } = this.#frame;
    if (this.#held < prefix + length) return undefined;
    this.#frame = undefined;
    return this.#take(prefix + length).subarray(prefix);
  }

  #readPrefix(): { prefix: number; length: number } | undefined {
    const prefix: number[] = [];
    for (const chunk of this.#chunks) {
      for (const byte of chunk.subarray(0, MAX_PREFIX_BYTES - prefix.length)) {
        prefix.push(byte);
        if (byte < 128) return this.#bounded(Uint8Array.from(prefix));
      }
      if (prefix.length === MAX_PREFIX_BYTES) throw tooLarge(`2^${7 * MAX_PREFIX_BYTES} bytes or more`, this.#maxFrameBytes);
    }
    return undefined;
  }

  #bounded(prefix: Uint8Array): { prefix: number; length: number } {
    const length = Number(readUvarint(prefix, 0).value);
    if (length > this.#maxFrameBytes) throw tooLarge(`${length} bytes`, this.#maxFrameBytes);
    return { prefix: prefix.length, length };
  }

  #take(count: number): Uint8Array {
    const all = this.#chunks.length === 1 && this.#chunks[0] !== undefined ? this.#chunks[0] : joined(this.#chunks, this.#held);
    this.#held -= count;
    this.#chunks = this.#held === 0 ? [] : [all.subarray(count)];
    return all.subarray(0, count);
  }
}

function joined(chunks: readonly Uint8Array[], length: number): Uint8Array {
  const out = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    out.set(chunk, at);
    at += chunk.length;
  }
  return out;
}

function tooLarge(announced: string, most: number): PerigeeError {
  return new PerigeeError('FRAME_TOO_LARGE', `a frame announces ${announced}; at most ${most} are read`);
}
