import { connect, type Socket } from 'node:net';
import { Request, Response } from '@perigee/chain/abci';
import { parseAddress } from '../../src/abci/address.ts';

/** The engine's side of one ABCI connection: sends requests, with or without waiting, and takes answers in the order in which they come. */
export class AbciClient {
  readonly socket: Socket;
  /** Resolves when the other side has closed. */
  readonly closed: Promise<void>;
  #bytes = Buffer.alloc(0);
  readonly #answers: Response[] = [];
  readonly #waiting: { resolve(response: Response): void; reject(error: Error): void }[] = [];
  #isClosed = false;

  private constructor(socket: Socket) {
    this.socket = socket;
    socket.on('data', (chunk: Buffer) => this.#receive(chunk));
    socket.on('error', () => {});
    this.closed = new Promise((resolve) => {
      socket.once('close', () => {
        this.#isClosed = true;
        for (const { reject } of this.#waiting.splice(0)) reject(closedError());
        resolve();
      });
    });
  }

  static connect(address: string): Promise<AbciClient> {
    const { path, host, port } = parseAddress(address);
    const socket = path === undefined ? connect({ host: host ?? '', port: port ?? 0 }) : connect({ path });
    return new Promise((resolve, reject) => {
      socket.once('error', reject);
      socket.once('connect', () => resolve(new AbciClient(socket)));
    });
  }

  /** The answer to a request, when nothing else waits for one. */
  call(request: Request): Promise<Response> {
    this.send(request);
    return this.next();
  }

  /** @returns whether the socket has room for more */
  send(...requests: readonly Request[]): boolean {
    return this.socket.write(Buffer.concat(requests.map((request) => frame(Request.encode(request)))));
  }

  /** The next answer. */
  next(): Promise<Response> {
    const answer = this.#answers.shift();
    if (answer !== undefined) return Promise.resolve(answer);
    if (this.#isClosed) return Promise.reject(closedError());
    return new Promise((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
    });
  }

  async close(): Promise<void> {
    this.socket.destroy();
    await this.closed;
  }

  #receive(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    for (;;) {
      const end = this.#bytes.findIndex((byte) => byte < 128);
      const length = this.#bytes.subarray(0, end + 1).reduceRight((sum, byte) => sum * 128 + (byte & 127), 0);
      if (end < 0 || this.#bytes.length < end + 1 + length) return;
      const answer = Response.decode(this.#bytes.subarray(end + 1, end + 1 + length));
      this.#bytes = this.#bytes.subarray(end + 1 + length);
      const waiting = this.#waiting.shift();
      if (waiting === undefined) this.#answers.push(answer);
      else waiting.resolve(answer);
    }
  }
}

/** A frame as an engine sends it. */
export function frame(body: Uint8Array): Buffer {
  return Buffer.concat([prefix(body.length), body]);
}

/** A length as an unsigned varint. */
export function prefix(length: number): Buffer {
  const out: number[] = [];
  for (let left = length; ; left = Math.floor(left / 128)) {
    if (left < 128) return Buffer.from([...out, left]);
    out.push((left % 128) + 128);
  }
}

function closedError(): Error {
  return new Error('the connection was closed');
}
