import { once } from 'node:events';
import type { Socket } from 'node:net';
import { concat, MAX_ABCI_UNANSWERED, PerigeeError, uvarint } from '@perigee/wire';
import { FrameDecoder } from './frame-decoder.ts';
import { Response } from './responses.ts';

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly maxFrameBytes: number;
  /** @throws what the engine is to be told, and stops over */
  readonly answer: (frame: Uint8Array) => Promise<Response>;
  /** Told of the error that ended the connection; not of an end by the other side. */
  readonly onFault: (error: PerigeeError) => void;
}

/**
 * One socket of an engine. Requests are answered one after another, in the order in which they came. While many wait, or the engine takes
 * no answers, nothing more is read. The first failure is answered with an exception, and ends the connection.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #frames: FrameDecoder;
  /** Requests that were read and wait. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Thrown by the reading of what came after those that wait. */
  #unreadable: PerigeeError | undefined;
  #working: Promise<void> | undefined;
  #ending = false;

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#frames = new FrameDecoder(options.maxFrameBytes);
    const { socket } = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('error', () => {}); // it closes, which is all there is to know
    socket.on('close', () => this.#drop());
  }

  /** Finish the request under way, answer no other, and close. */
  async close(): Promise<void> {
    this.#drop();
    await this.#working;
    this.#options.socket.destroy();
  }

  /** Refuse to serve, and say why. */
  refuse(error: PerigeeError): void {
    this.#drop();
    this.#options.onFault(error);
    this.#options.socket.end(frameOf({ exception: { error: `${error.code}: ${error.message}` } }));
  }

  #drop(): void {
    this.#ending = true;
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#unreadable = undefined;
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ending) return;
    this.#frames.push(chunk);
    this.#readAhead();
    this.#working ??= this.#work().finally(() => {
      this.#working = undefined;
    });
  }

  /** Takes requests off the bytes that came, as many as may wait. */
  #readAhead(): void {
    try {
      while (this.#unreadable === undefined && !this.#full) {
        const frame = this.#frames.next();
        if (frame === undefined) break;
        this.#waiting.push(frame);
        this.#waitingBytes += frame.length;
      }
    } catch (error) {
      this.#unreadable = PerigeeError.from(error);
    }
    const { socket } = this.#options;
    if (this.#full) socket.pause();
    else if (socket.isPaused()) socket.resume();
  }

  get #full(): boolean {
    return this.#waiting.length >= MAX_ABCI_UNANSWERED || this.#waitingBytes >= this.#options.maxFrameBytes;
  }

  async #work(): Promise<void> {
    for (let request = this.#next(); request !== undefined; request = this.#next()) {
      try {
        await this.#send(await this.#options.answer(request));
      } catch (error) {
        if (!this.#ending) this.refuse(PerigeeError.from(error));
        return;
      }
    }
    if (this.#unreadable !== undefined) this.refuse(this.#unreadable);
  }

  /** The oldest request that waits. It counts as waiting until others are read. */
  #next(): Uint8Array | undefined {
    const request = this.#waiting.shift();
    if (request === undefined) return undefined;
    this.#waitingBytes -= request.length;
    if (this.#waiting.length === 0) this.#readAhead();
    return request;
  }

  /** Answers of one tick leave together. Resolves when there is room for the next. */
  async #send(response: Response): Promise<void> {
    const { socket } = this.#options;
    if (socket.destroyed) return;
    socket.cork();
    const room = socket.write(frameOf(response));
    process.nextTick(() => socket.uncork());
    if (room) return;
    // a socket that closes never drains
    const closed = new AbortController();
    const onClose = () => closed.abort();
    socket.once('close', onClose);
    await once(socket, 'drain', { signal: closed.signal }).catch(() => {});
    socket.off('close', onClose);
  }
}

function frameOf(response: Response): Uint8Array {
  const body = Response.encode(response);
  return concat(uvarint(body.length), body);
}
