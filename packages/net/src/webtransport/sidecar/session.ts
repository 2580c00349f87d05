import { concat, MAX_WEBTRANSPORT_STREAMS, PerigeeError, WEBTRANSPORT_STREAM_MS } from '@perigee/wire';
import type { BridgeFrame } from '../bridge.ts';
import type { QuicConn, QuicStream } from './deno.ts';
import { afterPrefix, readChunk, type Session } from './http3.ts';
import type { BridgeSocket } from './socket.ts';
import { CarriedStream } from './stream.ts';

/** Carries the streams of one session over one socket until either ends. */
export class CarriedSession {
  readonly #conn: QuicConn;
  readonly #session: Session;
  readonly #socket: BridgeSocket;
  readonly #incoming: ReadableStreamDefaultReader<QuicStream>;
  readonly #streams = new Map<number, CarriedStream>();
  /** Those of the node that QUIC has not opened yet: frames that came meanwhile. */
  readonly #opening = new Map<number, BridgeFrame[]>();
  #next = 0;

  constructor(parts: {
    readonly conn: QuicConn;
    readonly session: Session;
    readonly socket: BridgeSocket;
    readonly incoming: ReadableStreamDefaultReader<QuicStream>;
  }) {
    this.#conn = parts.conn;
    this.#session = parts.session;
    this.#socket = parts.socket;
    this.#incoming = parts.incoming;
  }

  get streams(): number {
    return this.#streams.size;
  }

  /** Resolves when both are closed. */
  async run(): Promise<void> {
    const ends = [this.#conn.closed, this.#session.ended, this.#accept(), this.#obey()];
    await Promise.race(ends.map((end) => Promise.resolve(end).catch(() => {})));
    this.close();
    await Promise.allSettled(ends);
    for (const stream of [...this.#streams.values()]) stream.reset();
  }

  close(): void {
    this.#conn.close();
    this.#socket.close();
  }

  async #accept(): Promise<void> {
    for (;;) {
      await this.#socket.sent; // a stream costs frames: whoever opens many waits until the node has taken those
      const { value } = await this.#incoming.read();
      if (value === undefined) return;
      void this.#begin(value);
    }
  }

  /** A stream of the peer, once it has said that it belongs here. One that does not in time, or says otherwise, is ended. */
  async #begin(stream: QuicStream): Promise<void> {
    const reader = stream.readable.getReader();
    const writer = stream.writable.getWriter();
    writer.closed.catch(() => {});
    const end = (): void => {
      reader.cancel().catch(() => {});
      writer.abort().catch(() => {});
    };
    const timer = setTimeout(end, WEBTRANSPORT_STREAM_MS);
    try {
      const { prefix } = this.#session;
      let bytes = await readChunk(reader);
      let rest = afterPrefix(bytes, prefix);
      while (rest === undefined) {
        bytes = concat(bytes, await readChunk(reader));
        rest = afterPrefix(bytes, prefix);
      }
      const number = this.#next;
      this.#next += 2;
      void this.#socket.send({ type: 'open', stream: number });
      this.#carry(number, reader, writer).start(rest);
    } catch {
      end();
    } finally {
      clearTimeout(timer);
    }
  }

  #carry(
    number: number,
    reader: ReadableStreamDefaultReader<Uint8Array>,
    writer: WritableStreamDefaultWriter<Uint8Array>,
  ): CarriedStream {
    const onOver = (): void => {
      this.#streams.delete(number);
    };
    const stream = new CarriedStream({ number, socket: this.#socket, reader, writer, onOver });
    this.#streams.set(number, stream);
    return stream;
  }

  /** @throws PARSE, FRAME_TOO_LARGE for a node that breaks the rules, which ends the session */
  async #obey(): Promise<void> {
    for await (const frame of this.#socket.frames()) {
      if (frame.type === 'open') void this.#open(frame.stream);
      else {
        const waiting = this.#opening.get(frame.stream);
        if (waiting === undefined) this.#apply(frame);
        else waiting.push(frame);
      }
    }
  }

  async #open(number: number): Promise<void> {
    if (this.#opening.size >= MAX_WEBTRANSPORT_STREAMS) {
      void this.#socket.send({ type: 'reset', stream: number });
      return;
    }
    this.#opening.set(number, []);
    try {
      const stream = await this.#conn.createBidirectionalStream({ waitUntilAvailable: true });
      const writer = stream.writable.getWriter();
      await writer.write(this.#session.prefix);
      const carried = this.#carry(number, stream.readable.getReader(), writer);
      const waiting = this.#opening.get(number) ?? [];
      this.#opening.delete(number);
      carried.start(new Uint8Array(0));
      for (const frame of waiting) this.#apply(frame);
    } catch {
      this.#opening.delete(number);
      void this.#socket.send({ type: 'reset', stream: number });
    }
  }

  #apply(frame: BridgeFrame): void {
    const stream = this.#streams.get(frame.stream);
    // it may have ended while the frame was under way
    if (stream === undefined) return;
    if (frame.type === 'data') stream.data(frame.payload);
    else if (frame.type === 'credit') stream.credit(frame.bytes);
    else if (frame.type === 'fin') stream.fin();
    else if (frame.type === 'stop') stream.stop();
    else if (frame.type === 'reset') stream.reset();
    else throw new PerigeeError('PARSE', `the node sent ${frame.type}`);
  }
}
