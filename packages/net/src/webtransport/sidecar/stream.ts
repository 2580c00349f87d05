import { BRIDGE_WINDOW_BYTES, MAX_BRIDGE_FRAME_BYTES, PerigeeError } from '@perigee/wire';
import type { BridgeSocket } from './socket.ts';

/** Credit that is not worth a frame of its own yet, bytes. */
const CREDIT_STEP_BYTES = BRIDGE_WINDOW_BYTES / 4;

/** Carries one stream between QUIC and the socket, each way no faster than the other end takes it. */
export class CarriedStream {
  readonly #number: number;
  readonly #socket: BridgeSocket;
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #writer: WritableStreamDefaultWriter<Uint8Array>;
  readonly #onOver: () => void;
  /** Bytes that the node still takes. */
  #credit = BRIDGE_WINDOW_BYTES;
  #onCredit: () => void = () => {};
  /** From the node, not in QUIC yet. */
  readonly #queue: Uint8Array[] = [];
  #queued = 0;
  #owed = 0;
  #writing = false;
  #finished = false;
  #readDone = false;
  #writeDone = false;

  /** @param onOver called once, when both directions are over */
  constructor(parts: {
    readonly number: number;
    readonly socket: BridgeSocket;
    readonly reader: ReadableStreamDefaultReader<Uint8Array>;
    readonly writer: WritableStreamDefaultWriter<Uint8Array>;
    readonly onOver: () => void;
  }) {
    this.#number = parts.number;
    this.#socket = parts.socket;
    this.#reader = parts.reader;
    this.#writer = parts.writer;
    this.#onOver = parts.onOver;
    this.#writer.closed.catch(() => {});
  }

  /** @param first bytes that were read already */
  start(first: Uint8Array): void {
    void this.#carry(first);
  }

  /** @throws FRAME_TOO_LARGE when the node sends more than it may */
  data(bytes: Uint8Array): void {
    if (this.#queued + bytes.length > BRIDGE_WINDOW_BYTES) {
      throw new PerigeeError('FRAME_TOO_LARGE', `more than ${BRIDGE_WINDOW_BYTES} bytes wait for one stream`);
    }
    if (this.#writeDone) return;
    this.#queue.push(bytes);
    this.#queued += bytes.length;
    void this.#write();
  }

  credit(bytes: number): void {
    this.#credit += bytes;
    this.#onCredit();
  }

  fin(): void {
    this.#finished = true;
    void this.#write();
  }

  /** The node wants no more data: the peer is told so, and the node that this was the last. */
  stop(): void {
    if (this.#readDone) return;
    this.#reader.cancel().catch(() => {});
    void this.#socket.send({ type: 'fin', stream: this.#number });
    this.#endRead();
  }

  /** The stream is over both ways. */
  reset(): void {
    this.#reader.cancel().catch(() => {});
    this.#writer.abort().catch(() => {});
    this.#queue.length = 0;
    this.#writeDone = true;
    this.#endRead();
  }

  async #carry(first: Uint8Array): Promise<void> {
    try {
      for (let chunk: Uint8Array | undefined = first; chunk !== undefined; chunk = (await this.#reader.read()).value) {
        await this.#deliver(chunk);
        if (this.#readDone) return;
      }
      if (this.#readDone) return;
      void this.#socket.send({ type: 'fin', stream: this.#number });
      this.#endRead();
    } catch {
      if (this.#readDone) return;
      void this.#socket.send({ type: 'reset', stream: this.#number });
      this.reset();
    }
  }

  async #deliver(chunk: Uint8Array): Promise<void> {
    for (let rest = chunk; rest.length > 0; ) {
      while (this.#credit <= 0 && !this.#readDone) {
        await new Promise<void>((resolve) => {
          this.#onCredit = resolve;
        });
      }
      if (this.#readDone) return;
      const payload = rest.subarray(0, Math.min(this.#credit, MAX_BRIDGE_FRAME_BYTES));
      this.#credit -= payload.length;
      rest = rest.subarray(payload.length);
      await this.#socket.send({ type: 'data', stream: this.#number, payload });
    }
  }

  async #write(): Promise<void> {
    if (this.#writing || this.#writeDone) return;
    this.#writing = true;
    try {
      for (let chunk = this.#queue.shift(); chunk !== undefined; chunk = this.#queue.shift()) {
        await this.#writer.write(chunk);
        this.#taken(chunk.length);
      }
      if (this.#finished && !this.#writeDone) {
        await this.#writer.close();
        this.#endWrite();
      }
    } catch {
      if (this.#writeDone) return;
      // the peer wants no more, or the connection is over, which ends all
      void this.#socket.send({ type: 'stop', stream: this.#number });
      this.#queue.length = 0;
      this.#endWrite();
    } finally {
      this.#writing = false;
    }
  }

  #taken(bytes: number): void {
    this.#queued -= bytes;
    this.#owed += bytes;
    if (this.#owed < CREDIT_STEP_BYTES || this.#writeDone) return;
    void this.#socket.send({ type: 'credit', stream: this.#number, bytes: this.#owed });
    this.#owed = 0;
  }

  #endRead(): void {
    this.#readDone = true;
    this.#onCredit();
    this.#endIfOver();
  }

  #endWrite(): void {
    this.#writeDone = true;
    this.#endIfOver();
  }

  #endIfOver(): void {
    if (this.#readDone && this.#writeDone) this.#onOver();
  }
}
