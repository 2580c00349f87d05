import type { Stream } from '@libp2p/interface';
import type { Clock } from '@perigee/light-core/roles';
import {
  AnswerFrame,
  CANCEL_TIMEOUT_MS,
  isErrorCode,
  MAX_CANCELLED_REQUESTS,
  MAX_UNTAKEN_BYTES,
  PerigeeError,
  RequestFrame,
  requestFrameParts,
  STREAM_IDLE_MS,
} from '@perigee/wire';
import type { ConnectionRecord, Connections } from './connections.ts';
import { FrameReader } from './frame-reader.ts';
import { FrameWriter } from './frame-writer.ts';
import { maxAnswerFrameBytes, type Protocol } from './protocol.ts';
import { Watchdog } from './watchdog.ts';

/** A client leaves an idle stream well before the server does, so that no request meets a closing stream. */
const CLIENT_IDLE_MS = STREAM_IDLE_MS / 2;
/** What an answer that waits takes besides its bytes: those of one byte, or of none, fill memory too. */
const ANSWER_OVERHEAD_BYTES = 256;

/** One request on its way: frames that came and were not taken yet. */
class Pending {
  readonly id: number;
  /** Of silence; once cancelled, of the time until the server has sent the last frame. */
  timeout: Watchdog;
  readonly sentAt: number;
  /** Frees the request's place on the stream. */
  readonly release: () => void;
  /** The first frame has come. */
  readonly onAnswered: () => void;
  answered = false;
  /** Nobody reads it any more; its place is another's. */
  cancelled = false;
  #bodies: Uint8Array[] = [];
  #end: { error?: PerigeeError } | undefined;
  #wake: (() => void) | undefined;

  constructor(id: number, parts: Pick<Pending, 'sentAt' | 'release' | 'onAnswered' | 'timeout'>) {
    this.id = id;
    this.sentAt = parts.sentAt;
    this.release = parts.release;
    this.onAnswered = parts.onAnswered;
    this.timeout = parts.timeout;
  }

  /** Memory of the answers that wait here, bytes. */
  get held(): number {
    return this.#bodies.reduce((sum, body) => sum + costOf(body), 0);
  }

  push(body: Uint8Array): void {
    this.#bodies.push(body);
    this.#notify();
  }

  /** Nothing more comes for the caller; the first end counts. */
  end(error?: PerigeeError): void {
    this.#end ??= error === undefined ? {} : { error };
    this.#notify();
  }

  get ended(): boolean {
    return this.#end !== undefined;
  }

  /** The next body; `undefined` after the last. */
  async next(): Promise<Uint8Array | undefined> {
    for (;;) {
      const body = this.#bodies.shift();
      if (body !== undefined) return body;
      if (this.#end?.error !== undefined) throw this.#end.error;
      if (this.#end !== undefined) return undefined;
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  drop(): number {
    const held = this.held;
    this.#bodies = [];
    return held;
  }

  #notify(): void {
    const wake = this.#wake;
    this.#wake = undefined;
    wake?.();
  }
}

function costOf(body: Uint8Array): number {
  return body.length + ANSWER_OVERHEAD_BYTES;
}

export type { Pending };

/** The client's end of one stream. Anything that breaks the rules ends it, and every request on it, with a code. */
export class ClientSession {
  readonly #stream: Stream;
  readonly #protocol: Protocol<unknown, unknown>;
  readonly #record: ConnectionRecord;
  readonly #records: Connections;
  readonly #clock: Clock;
  readonly #reader: FrameReader;
  readonly #writer: FrameWriter;
  readonly #idle: Watchdog;
  readonly #onEnd: () => void;
  readonly #pending = new Map<number, Pending>();
  #nextId = 1;
  #untaken = 0;
  #taken: (() => void) | undefined;
  #open = true;
  /** Takes no more requests, and ends with the last of those that it has. */
  #retired = false;

  constructor(parts: {
    stream: Stream;
    protocol: Protocol<unknown, unknown>;
    record: ConnectionRecord;
    records: Connections;
    clock: Clock;
    onEnd: () => void;
  }) {
    this.#stream = parts.stream;
    this.#protocol = parts.protocol;
    this.#record = parts.record;
    this.#records = parts.records;
    this.#clock = parts.clock;
    this.#onEnd = parts.onEnd;
    this.#reader = new FrameReader(parts.stream, {
      maxFrameBytes: maxAnswerFrameBytes(parts.protocol),
      clock: parts.clock,
      onBytes: (count) => {
        this.#record.bytesIn += count;
      },
    });
    this.#writer = new FrameWriter(parts.stream, {
      clock: parts.clock,
      onBytes: (count) => {
        this.#record.bytesOut += count;
      },
      onStall: (error) => this.#fail(error, true),
    });
    this.#idle = new Watchdog(parts.clock, CLIENT_IDLE_MS, () =>
      this.close(new PerigeeError('STREAM_CLOSED', 'the stream was idle')),
    );
    this.#idle.touch();
    void this.#read();
  }

  /** Whether it takes requests. */
  get open(): boolean {
    return this.#open && !this.#retired && this.#stream.status === 'open' && this.#stream.writeStatus === 'writable';
  }

  /**
   * Sends a request.
   *
   * @param release called when its place on the stream is free again: it has ended, or its caller gave up
   * @param silence longest before the first frame of the answer, and between two of them, milliseconds
   * @throws STREAM_CLOSED when the stream ended since it was handed out
   */
  begin(body: Uint8Array, silence: { readonly firstMs: number; readonly nextMs: number }, release: () => void): Pending {
    if (!this.#open) throw new PerigeeError('STREAM_CLOSED', 'the stream ended before the request was sent');
    const id = this.#nextId++;
    const watch = (ms: number): Watchdog => new Watchdog(this.#clock, ms, () => this.#timedOut(pending, ms));
    const onAnswered = (): void => {
      if (silence.nextMs === silence.firstMs) return;
      pending.timeout.close();
      pending.timeout = watch(silence.nextMs);
    };
    const pending: Pending = new Pending(id, { sentAt: this.#clock.now(), release, onAnswered, timeout: watch(silence.firstMs) });
    this.#pending.set(id, pending);
    this.#idle.stop();
    this.#writer.write(...requestFrameParts(id, body)).then(
      () => pending.timeout.touch(),
      (error) => this.#fail(PerigeeError.from(error), false),
    );
    return pending;
  }

  /** The next answer of a request, still encoded; `undefined` after the last. */
  async take(pending: Pending): Promise<Uint8Array | undefined> {
    const body = await pending.next();
    if (body !== undefined) this.#untake(costOf(body));
    return body;
  }

  /** The caller needs no more of it. A server that is not done yet is told so. */
  finish(pending: Pending): void {
    this.#untake(pending.drop());
    if (!pending.ended && !pending.cancelled) this.#cancel(pending);
  }

  #cancel(pending: Pending): void {
    pending.cancelled = true;
    pending.timeout.close();
    pending.timeout = new Watchdog(this.#clock, CANCEL_TIMEOUT_MS, () => {
      this.blame(new PerigeeError('TIMEOUT', 'the peer did not end a request that was cancelled'));
      this.#retire();
    });
    pending.timeout.touch();
    this.#writer.write(RequestFrame.encode({ id: pending.id, body: new Uint8Array(0), cancel: true })).catch(() => {});
    // the server hears of it before it hears of the next request
    pending.release();
    if (this.#pending.size - this.#wanted > MAX_CANCELLED_REQUESTS) this.#retire();
    else this.#settle();
  }

  /** Ends the stream now, and every request on it. */
  close(error: PerigeeError): void {
    this.#fail(error, false);
  }

  /** The peer broke a rule of the protocol. */
  blame(error: PerigeeError): void {
    this.#records.protocolError(this.#record, this.#protocol.id, error);
  }

  async #read(): Promise<void> {
    try {
      for (;;) {
        const frame = await this.#reader.next();
        if (frame === undefined) break;
        this.#receive(AnswerFrame.decode(frame));
        while (this.#untaken > MAX_UNTAKEN_BYTES) {
          await new Promise<void>((resolve) => {
            this.#taken = resolve;
          });
        }
      }
      this.#fail(new PerigeeError('STREAM_CLOSED', 'the peer closed the stream'), false);
    } catch (error) {
      const failure = PerigeeError.from(error);
      this.#fail(failure, failure.code !== 'STREAM_CLOSED');
    }
  }

  #receive({ id, last, body, error }: AnswerFrame): void {
    const pending = this.#pending.get(id);
    if (pending === undefined) throw new PerigeeError('PARSE', `the peer answers request ${id}, which is not open`);
    if (body === undefined && error === undefined && !last) throw new PerigeeError('PARSE', 'an answer frame says nothing');
    if (error !== undefined && !last) throw new PerigeeError('PARSE', 'an answer goes on after its error');
    if (!pending.answered) {
      pending.answered = true;
      if (!pending.cancelled) pending.onAnswered();
      const rtt = this.#clock.now() - pending.sentAt;
      this.#record.rttMs = Math.min(this.#record.rttMs ?? rtt, rtt);
    }
    if (!pending.cancelled) pending.timeout.touch();
    if (body !== undefined && !pending.cancelled) {
      this.#untaken += costOf(body);
      pending.push(body);
    }
    if (last) this.#end(pending, error === undefined ? undefined : this.#remoteError(error));
  }

  #end(pending: Pending, error?: PerigeeError): void {
    this.#pending.delete(pending.id);
    pending.timeout.close();
    pending.end(error);
    pending.release();
    this.#settle();
  }

  /** Requests that somebody waits for. */
  get #wanted(): number {
    let wanted = 0;
    for (const { cancelled } of this.#pending.values()) if (!cancelled) wanted++;
    return wanted;
  }

  #retire(): void {
    this.#retired = true;
    this.#settle();
  }

  /** Without a request that somebody waits for it is idle, and over when it is retired. */
  #settle(): void {
    if (this.#wanted > 0) return;
    if (this.#retired) this.close(new PerigeeError('STREAM_CLOSED', 'another stream was opened'));
    else this.#idle.touch();
  }

  /** A code that the peer chose: `data.remote` tells it from what we found ourselves. */
  #remoteError({ code, message }: { code: string; message: string }): PerigeeError {
    return new PerigeeError(isErrorCode(code) ? code : 'REFUSED', message || 'the peer refused without a word', {
      data: { remote: true, peerId: this.#record.peerId },
    });
  }

  #timedOut(pending: Pending, timeoutMs: number): void {
    // silence of the caller is not silence of the peer
    if (pending.held > 0) {
      pending.timeout.touch();
      return;
    }
    pending.end(new PerigeeError('TIMEOUT', `${this.#protocol.id}: no answer from ${this.#record.peerId} for ${timeoutMs} ms`));
    this.#cancel(pending);
  }

  #untake(count: number): void {
    this.#untaken -= count;
    const wake = this.#taken;
    this.#taken = undefined;
    wake?.();
  }

  /** @param blame whether the peer broke a rule */
  #fail(error: PerigeeError, blame: boolean): void {
    if (!this.#open) return;
    this.#open = false;
    if (blame) this.blame(error);
    this.#reader.fail(error);
    for (const pending of [...this.#pending.values()]) this.#end(pending, error);
    this.#idle.close();
    this.#stream.abort(error);
    this.#onEnd();
  }
}
