import { MAX_IN_FLIGHT, MAX_QUEUED_REQUESTS, PerigeeError, REQUEST_TIMEOUT_MS } from '@perigee/wire';
import { abortable, throwIfAborted } from './abort.ts';
import { ClientSession, type Pending } from './client-session.ts';
import type { ConnectionRecord } from './connections.ts';
import type { Host } from './create-host.ts';
import type { PeerAddress } from './dial-plan.ts';
import type { Protocol } from './protocol.ts';
import { Slots } from './slots.ts';

export interface CallOptions {
  readonly signal?: AbortSignal;
  /** Longest silence of the peer, milliseconds; `Infinity` for a request that waits for something to happen. Default REQUEST_TIMEOUT_MS. */
  readonly timeoutMs?: number;
  /** The same before the first answer; `timeoutMs` unless given. */
  readonly firstTimeoutMs?: number;
  /** Called when the request has got its place on the stream and is on its way. */
  readonly onSent?: () => void;
}

/**
 * Requests of one protocol to one peer, over one stream that is opened when needed, and again after it broke or the peer ended none of too many
 * cancelled requests. MAX_IN_FLIGHT requests are under way, later ones wait. Errors of the peer carry its code and `data.remote = true`: what a peer says is not what we verified.
 */
export interface ProtocolClient<Request, Answer> {
  readonly peerId: string;
  /** Opens the stream before it is needed, and dials for it where there is no connection. What keeps it from that is told by the first request. */
  prepare(): void;
  /**
   * Asks at the first `next()`; leaving the loop early tells the peer to stop.
   *
   * @throws UNREACHABLE, STREAM_CLOSED, TIMEOUT, ABORTED, BUSY, PARSE, FRAME_TOO_LARGE, INVALID_ARGUMENT (request above its bound), and any code that the peer sent
   */
  call(request: Request, options?: CallOptions): AsyncGenerator<Answer, void, undefined>;
  /** The answer of a request that has exactly one. */
  callOne(request: Request, options?: CallOptions): Promise<Answer>;
}

/** A peer whose id is known; a `Connection` fits where no redial is wanted. */
export type KnownPeer = PeerAddress & { readonly peerId: string };

class StreamClient<Request, Answer> implements ProtocolClient<Request, Answer> {
  readonly #host: Host;
  readonly #protocol: Protocol<Request, Answer>;
  readonly #slots = new Slots(MAX_IN_FLIGHT, MAX_QUEUED_REQUESTS);
  peer: KnownPeer;
  #session: ClientSession | undefined;
  /** With those before it that still have requests. */
  readonly #sessions = new Set<ClientSession>();
  #opening: Promise<ClientSession> | undefined;

  constructor(host: Host, peer: KnownPeer, protocol: Protocol<Request, Answer>) {
    this.#host = host;
    this.peer = peer;
    this.#protocol = protocol;
  }

  /** Ends its streams and every request on them. */
  close(error: PerigeeError): void {
    for (const session of this.#sessions) session.close(error);
  }

  get peerId(): string {
    return this.peer.peerId;
  }

  prepare(): void {
    this.#live().catch(() => {});
  }

  async *call(request: Request, options: CallOptions = {}): AsyncGenerator<Answer, void, undefined> {
    const { signal, timeoutMs = REQUEST_TIMEOUT_MS, firstTimeoutMs = timeoutMs, onSent } = options;
    throwIfAborted(signal);
    const body = this.#protocol.request.encode(request);
    if (body.length > this.#protocol.maxRequestBytes) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `a request of ${body.length} bytes; ${this.#protocol.id} allows ${this.#protocol.maxRequestBytes}`,
      );
    }
    const release = await this.#slots.acquire(signal);
    let session: ClientSession;
    let pending: Pending;
    try {
      session = await abortable(this.#live(), signal);
      throwIfAborted(signal);
      pending = session.begin(body, { firstMs: firstTimeoutMs, nextMs: timeoutMs }, release);
      onSent?.();
    } catch (error) {
      release();
      throw error;
    }
    try {
      for (;;) {
        const answer = await abortable(session.take(pending), signal);
        if (answer === undefined) return;
        yield this.#decode(answer, session);
      }
    } finally {
      session.finish(pending);
    }
  }

  async callOne(request: Request, options: CallOptions = {}): Promise<Answer> {
    let only: { answer: Answer } | undefined;
    for await (const answer of this.call(request, options)) {
      if (only !== undefined)
        throw new PerigeeError('PARSE', `${this.#protocol.id}: more than one answer to a request that has one`);
      only = { answer };
    }
    if (only === undefined) throw new PerigeeError('PARSE', `${this.#protocol.id}: no answer to a request that has one`);
    return only.answer;
  }

  #decode(answer: Uint8Array, session: ClientSession): Answer {
    try {
      return this.#protocol.answer.decode(answer);
    } catch (error) {
      session.blame(PerigeeError.from(error));
      throw error;
    }
  }

  /** The stream, opened if there is none. Callers that come meanwhile wait for the same. */
  #live(): Promise<ClientSession> {
    if (this.#session?.open) return Promise.resolve(this.#session);
    this.#opening ??= this.#openSession().finally(() => {
      this.#opening = undefined;
    });
    return this.#opening;
  }

  async #openSession(): Promise<ClientSession> {
    for (let last = false; ; last = true) {
      const record = await this.#host.dialer.dial(this.peer, this.#host.signal);
      try {
        return await this.#openStream(record);
      } catch (error) {
        // a connection may be gone before libp2p knows; then the peer is dialled once more
        if (last || record.libp2p.status === 'open') throw error;
      }
    }
  }

  async #openStream(record: ConnectionRecord): Promise<ClientSession> {
    const { id } = this.#protocol;
    const timeout = AbortSignal.timeout(REQUEST_TIMEOUT_MS);
    try {
      const stream = await record.libp2p.newStream(id, { signal: timeout });
      const session = new ClientSession({
        stream,
        protocol: this.#protocol,
        record,
        records: this.#host.records,
        clock: this.#host.clock,
        onEnd: () => this.#sessions.delete(session),
      });
      this.#sessions.add(session);
      this.#session = session;
      return session;
    } catch (cause) {
      const why = cause instanceof Error ? cause.name : 'it closed';
      if (why === 'UnsupportedProtocolError')
        throw new PerigeeError('UNSUPPORTED', `peer ${this.peerId} does not speak ${id}`, { cause });
      const error = new PerigeeError('STREAM_CLOSED', `no stream for ${id} to peer ${this.peerId}: ${why}`, { cause });
      // a peer that does not even answer the opening of a stream is dead
      if (timeout.aborted) record.libp2p.abort(error);
      throw error;
    }
  }
}

/**
 * A client of one protocol at one peer. The same peer and protocol give the same client, so that they share one stream.
 *
 * @param peer dialled when there is no connection to it
 * @param stream which of several: requests that wait for something to happen would take the places of all others on the first
 */
export function open<Request, Answer>(
  host: Host,
  peer: KnownPeer,
  protocol: Protocol<Request, Answer>,
  stream = 0,
): ProtocolClient<Request, Answer> {
  const key = `${peer.peerId} ${protocol.id}${stream === 0 ? '' : ` ${stream}`}`;
  const known = host.clients.get(key) as StreamClient<Request, Answer> | undefined;
  if (known !== undefined) {
    if (peer.multiaddrs.length > 0) known.peer = peer;
    return known;
  }
  const client = new StreamClient(host, peer, protocol);
  host.clients.set(key, client);
  return client;
}
