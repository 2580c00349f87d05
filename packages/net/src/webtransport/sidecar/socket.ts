import { MAX_BRIDGE_FRAME_BYTES } from '@perigee/wire';
import { type BridgeFrame, encodeFrame, FrameDecoder } from '../bridge.ts';
import type { UnixConn } from './deno.ts';

/** The socket of one session. Whoever sends much waits for each frame; what is sent without waiting is small and answers something. */
export class BridgeSocket {
  readonly #conn: UnixConn;
  #last: Promise<void> = Promise.resolve();
  #closed = false;

  constructor(conn: UnixConn) {
    this.#conn = conn;
  }

  /** Resolves when the system has all that was sent so far. */
  get sent(): Promise<void> {
    return this.#last;
  }

  /** Resolves when the system has the frame. Frames arrive in the order of the calls. After `close` nothing is sent. */
  send(frame: BridgeFrame): Promise<void> {
    const bytes = encodeFrame(frame);
    this.#last = this.#last.then(() => this.#write(bytes)).catch(() => this.close());
    return this.#last;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    let sent = 0;
    while (sent < bytes.length && !this.#closed) sent += await this.#conn.write(bytes.subarray(sent));
  }

  /** Frames until the node closes the socket. @throws PARSE, FRAME_TOO_LARGE */
  async *frames(): AsyncGenerator<BridgeFrame, void, undefined> {
    const decoder = new FrameDecoder();
    for (;;) {
      const buffer = new Uint8Array(MAX_BRIDGE_FRAME_BYTES); // payloads are views of it
      const count = await this.#conn.read(buffer);
      if (count === null) return;
      yield* decoder.push(buffer.subarray(0, count));
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    try {
      this.#conn.close();
    } catch {
      // closed by its other end
    }
  }
}
