import type { Stream } from '@libp2p/interface';
import {
  AnswerFrame,
  answerFrameParts,
  type ErrorCode,
  MAX_IN_FLIGHT,
  PerigeeError,
  RequestFrame,
  STREAM_IDLE_MS,
} from '@perigee/wire';
import type { ConnectionRecord } from './connections.ts';
import type { Host } from './create-host.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { maxRequestFrameBytes, type Protocol } from './protocol.ts';
import type { Handler } from './server.ts';
import type { PeerQuota } from './server-quota.ts';
import { Watchdog } from './watchdog.ts';

/** WireError allows 512 bytes of message; a character has up to 4. */
const MAX_MESSAGE_CHARACTERS = 128;

/** The server's end of one stream. A peer that breaks the rules loses the stream and is counted; nothing it sends can throw further. */
export class ServerStream<Request, Answer> {
  readonly #host: Host;
  readonly #stream: Stream;
  readonly #record: ConnectionRecord;
  readonly #protocol: Protocol<Request, Answer>;
  readonly #handler: Handler<Request, Answer>;
  readonly #quota: PeerQuota;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #idle: Watchdog;
  /** Those in work. One that was cancelled still counts for the peer, until its work has ended, but not for the stream. */
  readonly #active = new Map<number, AbortController>();
  #ended = false;

  constructor(parts: {
    host: Host;
    stream: Stream;
    record: ConnectionRecord;
    protocol: Protocol<Request, Answer>;
    handler: Handler<Request, Answer>;
    quota: PeerQuota;
  }) {
    this.#host = parts.host;
    this.#stream = parts.stream;
    this.#record = parts.record;
    this.#protocol = parts.protocol;
    this.#handler = parts.handler;
    this.#quota = parts.quota;
    const { clock } = parts.host;
    this.#reader = new FrameReader(parts.stream, {
      maxFrameBytes: maxRequestFrameBytes(parts.protocol),
      clock,
      onBytes: (count) => {
        this.#record.bytesIn += count;
      },
    });
    this.#writer = new FrameWriter(parts.stream, {
      clock,
      onBytes: (count) => {
        this.#record.bytesOut += count;
      },
      onStall: (error) => this.#end(error),
    });
    this.#idle = new Watchdog(clock, STREAM_IDLE_MS, () =>
      this.#reader.fail(new PerigeeError('STREAM_CLOSED', 'the stream was idle')),
    );
  }

  /** Serves until either side ends the stream; a peer that closes its end gives up what is not answered yet. Never rejects. */
  async run(): Promise<void> {
    const onStop = (): void => this.#end(new PerigeeError('STREAM_CLOSED', 'the host was stopped'));
    this.#host.signal.addEventListener('abort', onStop, { once: true });
    this.#idle.touch();
    try {
      for (let frame = await this.#reader.next(); frame !== undefined; frame = await this.#reader.next()) {
        await this.#receive(RequestFrame.decode(frame));
      }
      this.#end(new PerigeeError('STREAM_CLOSED', 'the peer closed the stream'));
    } catch (error) {
      this.#end(PerigeeError.from(error));
    }
    this.#host.signal.removeEventListener('abort', onStop);
  }

  #end(reason: PerigeeError): void {
    if (this.#ended) return;
    this.#ended = true;
    // a stream that closes is no offence; everything else is
    if (reason.code !== 'STREAM_CLOSED') this.#host.records.protocolError(this.#record, this.#protocol.id, reason);
    this.#idle.close();
    this.#reader.fail(reason);
    for (const controller of this.#active.values()) controller.abort(reason);
    this.#stream.abort(reason);
  }

  async #receive({ id, body, cancel }: RequestFrame): Promise<void> {
    if (id === 0) throw new PerigeeError('PARSE', 'a request has no id');
    if (cancel) {
      // one that is answered already crossed its cancellation on the way
      this.#active.get(id)?.abort(new PerigeeError('ABORTED', 'the peer cancelled the request'));
      return;
    }
    if (this.#active.has(id)) throw new PerigeeError('PARSE', `request ${id} is open already`);
    const wanted = [...this.#active.values()].filter(({ signal }) => !signal.aborted).length;
    const refusal = wanted >= MAX_IN_FLIGHT ? `more than ${MAX_IN_FLIGHT} requests on a stream` : this.#quota.enter();
    if (refusal !== undefined) {
      await this.#send({ id, last: true, error: { code: 'BUSY', message: refusal } });
      return;
    }
    const controller = new AbortController();
    this.#active.set(id, controller);
    this.#idle.stop();
    void this.#answer(id, body, controller).finally(() => {
      this.#quota.leave();
      this.#active.delete(id);
      if (this.#active.size === 0 && !this.#ended) this.#idle.touch();
    });
  }

  /** Answers one request. Never rejects. */
  async #answer(id: number, body: Uint8Array, controller: AbortController): Promise<void> {
    const { signal } = controller;
    try {
      const result = this.#handler(this.#protocol.request.decode(body), {
        peerId: this.#record.peerId,
        remoteAddress: this.#record.libp2p.remoteAddr.toString(),
        transport: this.#record.transport,
        signal,
      });
      if (Symbol.asyncIterator in result) {
        for await (const answer of result) {
          if (signal.aborted) break;
          await this.#sendBody(id, false, this.#encode(answer));
        }
        signal.throwIfAborted();
        await this.#send({ id, last: true });
      } else {
        const answer = await result;
        signal.throwIfAborted();
        await this.#sendBody(id, true, this.#encode(answer));
      }
    } catch (error) {
      if (this.#stream.status !== 'open') return;
      await this.#send({ id, last: true, error: wireError(error) }).catch(() => {});
    }
  }

  #encode(answer: Answer): Uint8Array {
    const body = this.#protocol.answer.encode(answer);
    if (body.length > this.#protocol.maxAnswerBytes) {
      throw new PerigeeError(
        'INTERNAL',
        `an answer of ${body.length} bytes; ${this.#protocol.id} allows ${this.#protocol.maxAnswerBytes}`,
      );
    }
    return body;
  }

  #sendBody(id: number, last: boolean, body: Uint8Array): Promise<void> {
    return this.#writer.write(...answerFrameParts(id, last, body));
  }

  #send(frame: AnswerFrame): Promise<void> {
    return this.#writer.write(AnswerFrame.encode(frame));
  }
}

/** What a peer may know of an error: our own errors as they are, of others nothing. */
function wireError(error: unknown): { code: ErrorCode; message: string } {
  const known = error instanceof PerigeeError && error.code !== 'INTERNAL';
  return known
    ? { code: error.code, message: error.message.slice(0, MAX_MESSAGE_CHARACTERS) }
    : { code: 'INTERNAL', message: 'the peer failed' };
}
