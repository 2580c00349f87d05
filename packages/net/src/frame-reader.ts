import type { Stream } from '@libp2p/interface';
import type { Clock } from '@perigee/light-core/roles';
import { FRAME_TIMEOUT_MS, PerigeeError, readUvarint } from '@perigee/wire';
import { Watchdog } from './watchdog.ts';

/** A length prefix of 4 bytes reaches 256 MiB, far above any frame we read. */
const MAX_PREFIX_BYTES = 4;
/** Bytes held above one frame before the stream is paused: one message of the fastest transport. */
const READ_AHEAD_BYTES = 64 * 1024;
/** What short chunks are put together in, bytes. */
const BLOCK_BYTES = 4 * 1024;

/**
 * Frames of a stream: uvarint length, then that many bytes. A length above the bound ends the reader before anything is allocated,
 * and memory is only taken for bytes that have arrived. Past one frame and a little the stream is paused; WebRTC cannot pause its
 * sender, there libp2p aborts the stream at 4 MiB.
 */
export class FrameReader {
  readonly #stream: Stream;
  readonly #maxFrameBytes: number;
  readonly #onBytes: (count: number) => void;
  readonly #partial: Watchdog;
  #chunks: Uint8Array[] = [];
  /** Where the last chunk lies, if it was put together of short ones. */
  #block: ArrayBuffer | undefined;
  #held = 0;
  /** Prefix and body length of the frame that is being received. */
  #frame: { prefix: number; length: number } | undefined;
  #paused = false;
  #ended = false;
  #failure: PerigeeError | undefined;
  #wake: (() => void) | undefined;

  /**
   * @param onBytes told of every byte received
   * @param clock times a frame that was begun: it must be complete within FRAME_TIMEOUT_MS
   */
  constructor(stream: Stream, options: { maxFrameBytes: number; clock: Clock; onBytes: (count: number) => void }) {
    this.#stream = stream;
    this.#maxFrameBytes = options.maxFrameBytes;
    this.#onBytes = options.onBytes;
    this.#partial = new Watchdog(options.clock, FRAME_TIMEOUT_MS, () =>
      this.fail(new PerigeeError('TIMEOUT', `a frame was not complete ${FRAME_TIMEOUT_MS} ms after it began`)),
    );
    stream.addEventListener('message', ({ data }) => this.#receive(data instanceof Uint8Array ? [data] : [...data]));
    stream.addEventListener('end', () => this.#end());
    stream.addEventListener('close', () => this.#end());
    if (stream.readableEnded) this.#end();
  }

  /**
   * @returns the next frame in memory of its own; `undefined` when the peer ended the stream between frames
   * @throws FRAME_TOO_LARGE, PARSE (length not minimal), TIMEOUT, STREAM_CLOSED (cut off in a frame, reset)
   */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      if (this.#failure !== undefined) throw this.#failure;
      const frame = this.#take();
      if (frame !== undefined) return frame;
      if (this.#ended) {
        if (this.#held === 0) return undefined;
        throw new PerigeeError('STREAM_CLOSED', `the stream ended inside a frame, after ${this.#held} bytes of it`);
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Ends the reader: what is held is dropped and `next` throws. */
  fail(error: PerigeeError): void {
    this.#failure ??= error;
    this.#chunks = [];
    this.#held = 0;
    this.#end();
  }

  #receive(chunks: Uint8Array[]): void {
    for (const chunk of chunks) {
      this.#onBytes(chunk.length);
      if (this.#failure !== undefined || chunk.length === 0) continue;
      this.#hold(chunk);
      this.#held += chunk.length;
    }
    if (this.#held > this.#maxFrameBytes + READ_AHEAD_BYTES) this.#setPaused(true);
    this.#notify();
  }

  /**
   * Keeps a chunk. One that is most of its buffer stays a view; of others the bytes are copied: a peer that sends single bytes must make nobody hold
   * an object, and a buffer that transports share, for each of them.
   */
  #hold(chunk: Uint8Array): void {
    if (2 * chunk.length >= chunk.buffer.byteLength && chunk.length >= BLOCK_BYTES) this.#chunks.push(chunk);
    else if (chunk.length >= BLOCK_BYTES) this.#chunks.push(chunk.slice());
    else this.#gather(chunk);
  }

  #gather(chunk: Uint8Array): void {
    const last = this.#chunks.at(-1);
    const end = last?.buffer === this.#block ? (last?.byteOffset ?? 0) + (last?.length ?? 0) : BLOCK_BYTES;
    if (last !== undefined && this.#block !== undefined && end + chunk.length <= BLOCK_BYTES) {
      new Uint8Array(this.#block).set(chunk, end);
      this.#chunks[this.#chunks.length - 1] = new Uint8Array(this.#block, last.byteOffset, last.length + chunk.length);
      return;
    }
    this.#block = new ArrayBuffer(BLOCK_BYTES);
    const begun = new Uint8Array(this.#block, 0, chunk.length);
    begun.set(chunk);
    this.#chunks.push(begun);
  }

  #end(): void {
    this.#ended = true;
    if (this.#stream.status === 'aborted' || this.#stream.status === 'reset') {
      this.#failure ??= new PerigeeError('STREAM_CLOSED', `the stream was ${this.#stream.status}`);
    }
    this.#partial.close();
    this.#notify();
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }

  #setPaused(paused: boolean): void {
    if (this.#paused === paused) return;
    this.#paused = paused;
    const { readStatus } = this.#stream;
    if (readStatus === 'closed' || readStatus === 'closing') return;
    if (paused) this.#stream.pause();
    else this.#stream.resume();
  }

  /** The next whole frame, if it is here. */
  #take(): Uint8Array | undefined {
    this.#frame ??= this.#readPrefix();
    if (this.#frame === undefined || this.#held < this.#frame.prefix + this.#frame.length) {
      if (this.#held > 0 && !this.#partial.running) this.#partial.touch();
      this.#setPaused(false);
      return undefined;
    }
    const { prefix, length } = this.#frame;
    this.#frame = undefined;
    this.#partial.stop();
    this.#consume(prefix);
    return this.#consume(length);
  }

  #readPrefix(): { prefix: number; length: number } | undefined {
    const bytes: number[] = [];
    for (const chunk of this.#chunks) {
      for (const byte of chunk.subarray(0, MAX_PREFIX_BYTES - bytes.length)) {
        bytes.push(byte);
        if (byte < 128) return this.#bounded(Uint8Array.from(bytes));
      }
      if (bytes.length === MAX_PREFIX_BYTES) {
        throw new PerigeeError('FRAME_TOO_LARGE', `a frame announces more than 2^${7 * MAX_PREFIX_BYTES} bytes`);
      }
    }
    return undefined;
  }

  #bounded(prefix: Uint8Array): { prefix: number; length: number } {
    const length = Number(readUvarint(prefix, 0).value);
    if (length > this.#maxFrameBytes) {
      throw new PerigeeError('FRAME_TOO_LARGE', `a frame announces ${length} bytes; at most ${this.#maxFrameBytes} are read`);
    }
    return { prefix: prefix.length, length };
  }

  /** Copies, because transports hand out views on buffers that they share between messages. */
  #consume(count: number): Uint8Array {
    const out = new Uint8Array(count);
    let at = 0;
    while (at < count) {
      const chunk = this.#chunks[0] as Uint8Array;
      const part = chunk.subarray(0, count - at);
      out.set(part, at);
      at += part.length;
      if (part.length === chunk.length) this.#chunks.shift();
      else this.#chunks[0] = chunk.subarray(part.length);
    }
    this.#held -= count;
    return out;
  }
}
