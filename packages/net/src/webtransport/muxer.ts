import type { MessageStream, StreamMuxerFactory } from '@libp2p/interface';
import { AbstractMultiaddrConnection, AbstractStreamMuxer } from '@libp2p/utils';
import type { Multiaddr } from '@multiformats/multiaddr';
import { MAX_WEBTRANSPORT_STREAMS } from '@perigee/wire';
import type { BridgeSession } from './bridge-session.ts';
import type { BridgeStream } from './bridge-stream.ts';

const PROTOCOL = '/webtransport';

/** A session as libp2p's muxer: its streams have channels of their own, so nothing moves on the connection itself. */
class BridgeMuxer extends AbstractStreamMuxer<BridgeStream> {
  readonly #session: BridgeSession;

  constructor(session: BridgeSession, connection: MessageStream) {
    super(connection, { protocol: PROTOCOL, name: 'muxer', maxEarlyStreams: MAX_WEBTRANSPORT_STREAMS });
    this.#session = session;
    session.adopt((stream) => this.onRemoteStream(stream));
  }

  override onCreateStream(): BridgeStream {
    return this.#session.open();
  }

  override onData(): void {}
}

export function muxerOf(session: BridgeSession): StreamMuxerFactory {
  return { protocol: PROTOCOL, createStreamMuxer: (connection) => new BridgeMuxer(session, connection) };
}

/** A session as libp2p's connection. Closing either closes the other. */
export class SessionConnection extends AbstractMultiaddrConnection {
  readonly #session: BridgeSession;

  constructor(session: BridgeSession, parts: { readonly remoteAddr: Multiaddr; readonly log: MessageStream['log'] }) {
    super({ ...parts, direction: 'inbound' });
    this.#session = session;
    void session.closed.then(() => this.onTransportClosed());
  }

  override sendData({ byteLength }: { byteLength: number }): { sentBytes: number; canSendMore: boolean } {
    return { sentBytes: byteLength, canSendMore: true };
  }

  override sendReset(): void {
    this.#session.close();
  }

  override async sendClose(): Promise<void> {
    this.#session.close();
  }

  override sendPause(): void {}
  override sendResume(): void {}
}
