import type { Socket } from 'node:net';
import type { Logger } from '@libp2p/interface';
import { MAX_WEBTRANSPORT_STREAMS, PerigeeError } from '@perigee/wire';
import { abortable } from '../abort.ts';
import { type BridgeFrame, encodeFrame, FrameDecoder, type Hello, readHello } from './bridge.ts';
import { BridgeStream, type Carrier } from './bridge-stream.ts';

/** QUIC counts a stream as over before the node may have heard of it, so for a moment there are more. */
const MAX_STREAMS = 2 * MAX_WEBTRANSPORT_STREAMS;
/** Streams of one who has not said who it is: each may hold a window of bytes that nobody reads. */
const MAX_EARLY_STREAMS = 10;

/** The node's end of a session: frames on its socket, and streams made of them. Who breaks a rule loses the session. */
export class BridgeSession implements Carrier {
  /** Where the peer is. */
  readonly hello: Promise<Hello>;
  readonly closed: Promise<void>;
  readonly #socket: Socket;
  readonly #log: Logger;
  readonly #decoder = new FrameDecoder();
  readonly #streams = new Map<number, BridgeStream>();
  #onHello: (hello: Hello | PerigeeError) => void = () => {};
  #greeted = false;
  /** Streams that came before anybody asked for them. */
  #early: BridgeStream[] = [];
  #onStream: ((stream: BridgeStream) => void) | undefined;
  #lastOfPeer = -2;
  #nextOwn = 1;

  constructor(socket: Socket, log: Logger) {
    this.#socket = socket;
    this.#log = log;
    this.hello = new Promise((resolve, reject) => {
      this.#onHello = (hello) => (hello instanceof PerigeeError ? reject(hello) : resolve(hello));
    });
    this.hello.catch(() => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#end();
        resolve();
      });
    });
    socket.on('error', () => {}); // `close` follows
    socket.on('data', (chunk: Buffer) => this.#onChunk(chunk));
    socket.on('drain', () => {
      for (const stream of [...this.#streams.values()]) stream.onRoom();
    });
  }

  get isFull(): boolean {
    return this.#socket.writableNeedDrain;
  }

  send(frame: BridgeFrame): void {
    if (this.#socket.writable) this.#socket.write(encodeFrame(frame));
  }

  /** The next stream that the peer opens. @throws STREAM_CLOSED, ABORTED, TIMEOUT */
  async nextStream(signal: AbortSignal): Promise<BridgeStream> {
    const early = this.#early.shift();
    if (early !== undefined) return early;
    const arrived = new Promise<BridgeStream>((resolve, reject) => {
      this.#onStream = (stream) => {
        this.#onStream = undefined;
        resolve(stream);
      };
      void this.closed.then(() => reject(new PerigeeError('STREAM_CLOSED', 'the session is closed')));
    });
    try {
      return await abortable(arrived, signal);
    } finally {
      this.#onStream = undefined;
    }
  }

  /** Hands out all further streams of the peer. */
  adopt(onStream: (stream: BridgeStream) => void): void {
    this.#onStream = onStream;
    for (const stream of this.#early.splice(0)) onStream(stream);
  }

  /** @throws STREAM_CLOSED, BUSY */
  open(): BridgeStream {
    if (!this.#socket.writable) throw new PerigeeError('STREAM_CLOSED', 'the session is closed');
    const own = [...this.#streams.keys()].filter((number) => number % 2 === 1).length;
    if (own >= MAX_WEBTRANSPORT_STREAMS) throw new PerigeeError('BUSY', `${own} streams are open`);
    const number = this.#nextOwn;
    this.#nextOwn += 2;
    this.send({ type: 'open', stream: number });
    return this.#add(number, 'outbound');
  }

  /** Ends the session once what was sent has left. */
  close(): void {
    this.#socket.destroySoon();
  }

  #onChunk(chunk: Uint8Array): void {
    try {
      for (const frame of this.#decoder.push(chunk)) this.#receive(frame);
    } catch (error) {
      this.#log('the session broke a rule: %e', error);
      this.#socket.destroy();
    }
  }

  /** @throws PARSE, UNKNOWN_VERSION, FRAME_TOO_LARGE, BUSY */
  #receive(frame: BridgeFrame): void {
    if (!this.#greeted) {
      this.#onHello(readHello(frame));
      this.#greeted = true;
      return;
    }
    const stream = this.#streams.get(frame.stream);
    if (frame.type === 'open') this.#opened(frame.stream);
    else if (stream !== undefined) stream.receive(frame);
    else if (frame.type === 'hello' || !this.#was(frame.stream)) {
      throw new PerigeeError('PARSE', `${frame.type} of stream ${frame.stream}, which there is not`);
    }
  }

  /** Whether a stream was there: what its other side said before it knew of the end is nothing wrong. */
  #was(number: number): boolean {
    return number % 2 === 0 ? number <= this.#lastOfPeer : number < this.#nextOwn;
  }

  #opened(number: number): void {
    if (number !== this.#lastOfPeer + 2) throw new PerigeeError('PARSE', `stream ${number} was opened after ${this.#lastOfPeer}`);
    if (this.#streams.size >= MAX_STREAMS) throw new PerigeeError('BUSY', `more than ${MAX_STREAMS} streams`);
    this.#lastOfPeer = number;
    if (this.#onStream !== undefined) {
      this.#onStream(this.#add(number, 'inbound'));
      return;
    }
    if (this.#early.length >= MAX_EARLY_STREAMS)
      throw new PerigeeError('BUSY', `${MAX_EARLY_STREAMS} streams that nobody asked for`);
    const early = this.#add(number, 'inbound');
    this.#early.push(early);
    early.addEventListener('close', () => {
      this.#early = this.#early.filter((stream) => stream !== early);
    });
  }

  #add(number: number, direction: 'inbound' | 'outbound'): BridgeStream {
    const stream = new BridgeStream({ number, direction, carrier: this, log: this.#log });
    this.#streams.set(number, stream);
    stream.addEventListener('close', () => this.#streams.delete(number));
    return stream;
  }

  #end(): void {
    this.#onHello(new PerigeeError('STREAM_CLOSED', 'the session is closed'));
    for (const stream of [...this.#streams.values()]) stream.onTransportClosed();
  }
}
