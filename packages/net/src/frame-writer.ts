import type { Stream } from '@libp2p/interface';
import type { Clock } from '@perigee/light-core/roles';
import { concat, PerigeeError, Turn, uvarint, WRITE_STALL_MS } from '@perigee/wire';
import { Uint8ArrayList } from 'uint8arraylist';
import { Watchdog } from './watchdog.ts';

/** Below this, putting the parts of a frame together costs less than sending them as a list. */
const FEW_BYTES = 4_096;

/**
 * Writes frames, one after another and never more than one ahead of a peer that does not read.
 *
 * It waits for the stream's `drain` events itself: `onDrain` of @libp2p/utils 7.4 keeps its first promise, so it waits only once.
 */
export class FrameWriter {
  readonly #stream: Stream;
  readonly #onBytes: (count: number) => void;
  readonly #stall: Watchdog;
  /** The write before: frames leave in the order they were given. */
  readonly #turn = new Turn();
  #wake: (() => void) | undefined;

  /** @param onStall called when a peer took nothing for WRITE_STALL_MS */
  constructor(
    stream: Stream,
    options: { clock: Clock; onBytes: (count: number) => void; onStall: (error: PerigeeError) => void },
  ) {
    this.#stream = stream;
    this.#onBytes = options.onBytes;
    this.#stall = new Watchdog(options.clock, WRITE_STALL_MS, () =>
      options.onStall(new PerigeeError('TIMEOUT', `the peer took no bytes for ${WRITE_STALL_MS} ms`)),
    );
    stream.addEventListener('drain', () => this.#notify());
    stream.addEventListener('close', () => {
      this.#stall.close();
      this.#notify();
    });
  }

  /**
   * Resolves when the frame is with the transport.
   *
   * @param parts of the message, which stay as they are until they are sent
   * @throws STREAM_CLOSED
   */
  write(...parts: readonly Uint8Array[]): Promise<void> {
    return this.#turn.take(() => this.#writeNow(parts));
  }

  async #writeNow(parts: readonly Uint8Array[]): Promise<void> {
    while (this.#stream.writableNeedsDrain && this.#stream.status === 'open') {
      if (!this.#stall.running) this.#stall.touch();
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const length = parts.reduce((sum, part) => sum + part.length, 0);
    const all = [uvarint(length), ...parts];
    const frame = length < FEW_BYTES ? concat(...all) : new Uint8ArrayList(...all);
    const { byteLength } = frame; // a list that was sent is empty
    try {
      this.#stream.send(frame);
    } catch (cause) {
      throw new PerigeeError('STREAM_CLOSED', 'the stream does not take any more bytes', { cause });
    }
    this.#onBytes(byteLength);
  }

  #notify(): void {
    this.#stall.stop();
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}
