import { once } from 'node:events';
import type { Socket } from 'node:net';
import { ABCI_LINGER_MS, concat, MAX_ABCI_UNANSWERED, PerigeeError, uvarint } from '@perigee/wire';
import { FrameDecoder } from './frame-decoder.ts';
import { Response } from './responses.ts';

export interface ConnectionOptions {
  readonly socket: Socket;
  readonly maxFrameBytes: number;
  /** @throws what the engine is to be told, and stops over */
  readonly answer: (frame: Uint8Array) => Promise<Response>;
  /** No request is answered any more: `fault` is why, `undefined` when one of the sides closed. */
  readonly onEnd: (fault: PerigeeError | undefined) => void;
}

/**
 * One socket of an engine. Requests are answered one after another, in the order in which they came. While many wait, or the engine takes
 * no answers, nothing more is read. The first failure is answered with an exception, and ends the connection.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #frames: FrameDecoder;
  readonly #end = new AbortController();
  /** Requests that were read and wait. */
  #waiting: Uint8Array[] = [];
  #waitingBytes = 0;
  /** Thrown by the reading of what came after those that wait. */
  #unreadable: PerigeeError | undefined;
  #isWorking = false;
  #work: Promise<void> = Promise.resolve();

  constructor(options: ConnectionOptions) {
    this.#options = options;
    this.#frames = new FrameDecoder(options.maxFrameBytes);
    const { socket } = options;
    socket.setNoDelay(true);
    socket.on('data', (chunk: Uint8Array) => this.#receive(chunk));
    socket.on('error', () => {}); // it closes, which is all there is to know
    socket.on('close', () => this.#finish(undefined));
  }

  /** Finish the request under way, answer no other, and close. */
  async close(): Promise<void> {
    this.#finish(undefined);
    await this.#work;
    this.#options.socket.destroySoon();
    this.#linger();
  }

  /** Refuse to serve, and say why. */
  refuse(error: PerigeeError): void {
    const { socket } = this.#options;
    this.#finish(error);
    // what still comes is dropped, not left: a socket that is closed over unread bytes takes the last words with it
    socket.resume();
    socket.end(frameOf({ exception: { error: `${error.code}: ${error.message}` } }));
    this.#linger();
  }

  #finish(fault: PerigeeError | undefined): void {
    if (this.#ended) return;
    this.#end.abort();
    this.#waiting = [];
    this.#waitingBytes = 0;
    this.#unreadable = undefined;
    this.#options.onEnd(fault);
  }

  get #ended(): boolean {
    return this.#end.signal.aborted;
  }

  /** Nobody holds a socket open that serves no more. */
  #linger(): void {
    const { socket } = this.#options;
    const timer = setTimeout(() => socket.destroy(), ABCI_LINGER_MS);
    socket.once('close', () => clearTimeout(timer));
  }

  #receive(chunk: Uint8Array): void {
    if (this.#ended) return;
    this.#frames.push(chunk);
    this.#readAhead();
    if (!this.#isWorking) this.#work = this.#answerAll();
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
    if (this.#full || this.#unreadable !== undefined) socket.pause();
    else if (socket.isPaused()) socket.resume();
  }

  get #full(): boolean {
    return this.#waiting.length >= MAX_ABCI_UNANSWERED || this.#waitingBytes >= this.#options.maxFrameBytes;
  }

  async #answerAll(): Promise<void> {
    this.#isWorking = true;
    for (let request = this.#next(); request !== undefined; request = this.#next()) {
      try {
        await this.#send(await this.#options.answer(request));
      } catch (error) {
        if (!this.#ended) this.refuse(PerigeeError.from(error));
        return;
      }
    }
    // at once, and not when the promise is looked at: the next piece of a request may come before that
    this.#isWorking = false;
    if (this.#unreadable !== undefined) this.refuse(this.#unreadable);
  }

  /** The oldest request that waits. Others are read when none does. */
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
    // a socket that closes never drains
    if (!room) await once(socket, 'drain', { signal: this.#end.signal }).catch(() => {});
  }
}

function frameOf(response: Response): Uint8Array {
  const body = Response.encode(response);
  return concat(uvarint(body.length), body);
}
