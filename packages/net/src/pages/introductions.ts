import { circuitRelayTransport } from '@libp2p/circuit-relay-v2';
import type { Connection, PeerId, Stream, Transport } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { webRTC } from '@libp2p/webrtc';
import {
  MAX_INTRODUCTIONS_TO_PEER,
  MAX_PENDING_INTRODUCTIONS,
  MAX_RELAY_STREAMS,
  PerigeeError,
  RELAY_QUESTION_MS,
} from '@perigee/wire';
import { open } from '../client.ts';
import type { Host } from '../create-host.ts';
import { dialPeer } from '../dial.ts';
import { TokenBucket } from '../token-bucket.ts';
import { pagesProtocol } from './protocols.ts';

/** What libp2p's transports are underneath, as far as it has to be bounded here: their options do not offer it. */
interface CircuitTransport extends Transport {
  start(): Promise<void>;
  onStop(stream: Stream, connection: Connection): Promise<void>;
  readonly reservationStore: {
    hasReservation(relay: PeerId): boolean;
    addRelay(relay: PeerId, type: 'configured'): Promise<unknown>;
  };
}
interface WebRtcTransport extends Transport {
  start(): Promise<void>;
  _onProtocol(stream: Stream, connection: Connection, signal: AbortSignal): Promise<void>;
}

const transports = new WeakMap<Host, Promise<CircuitTransport>>();

/**
 * How one page meets another: it has a place reserved at a relay, asks who else is there, and agrees with them, over the relay, on a connection between
 * the two browsers. The relay is not needed after that.
 */
export class Introductions {
  readonly #host: Host;
  readonly #genesisHash: Uint8Array;
  readonly #circuit: CircuitTransport;

  private constructor(host: Host, genesisHash: Uint8Array, circuit: CircuitTransport) {
    this.#host = host;
    this.#genesisHash = genesisHash;
    this.#circuit = circuit;
  }

  /** Teaches a host that runs to be introduced. @throws UNSUPPORTED where there is no WebRTC */
  static async of(host: Host, genesisHash: Uint8Array): Promise<Introductions> {
    let added = transports.get(host);
    if (added === undefined) {
      added = addTransports(host);
      transports.set(host, added);
      added.catch(() => transports.delete(host)); // the next one tries again
    }
    return new Introductions(host, genesisHash, await added);
  }

  isReserved(relay: string): boolean {
    return this.#circuit.reservationStore.hasReservation(peerIdFromString(relay));
  }

  /** Has a place reserved at a relay that this host is connected to; it is renewed by itself. @throws REFUSED */
  async reserve(relay: string): Promise<void> {
    try {
      await this.#circuit.reservationStore.addRelay(peerIdFromString(relay), 'configured');
    } catch (cause) {
      throw new PerigeeError('REFUSED', `relay ${relay} gives no place`, { cause });
    }
  }

  /** Peer ids of other pages, as the relay names them. @throws what a request throws */
  async others(relay: string, signal: AbortSignal): Promise<readonly string[]> {
    const client = open(this.#host, { peerId: relay, multiaddrs: [] }, pagesProtocol(this.#genesisHash));
    return (await client.callOne({ version: 1 }, { signal, timeoutMs: RELAY_QUESTION_MS })).peerIds;
  }

  /**
   * Connects to a page by way of a relay. The address says nothing of where either is, so that nothing but the connection to the relay that there is
   * can be used.
   *
   * @throws UNREACHABLE, ABORTED
   */
  async meet(relay: string, page: string, signal: AbortSignal): Promise<void> {
    const { libp2p } = this.#host;
    try {
      await dialPeer(this.#host, { peerId: page, multiaddrs: [wayTo(relay, page)] }, { signal });
    } finally {
      // what the relay carried has served
      for (const connection of libp2p.getConnections(peerIdOf(page))) {
        if (connection.limits !== undefined) void connection.close().catch(() => {});
      }
    }
  }
}

function wayTo(relay: string, page: string): string {
  return `/p2p/${relay}/p2p-circuit/webrtc/p2p/${page}`;
}

/** @throws INVALID_ARGUMENT */
function peerIdOf(text: string): PeerId {
  try {
    return peerIdFromString(text);
  } catch (cause) {
    throw new PerigeeError('INVALID_ARGUMENT', `"${text.slice(0, 80)}" is no peer id`, { cause });
  }
}

async function addTransports(host: Host): Promise<CircuitTransport> {
  const { components } = host;
  const circuit = circuitRelayTransport({
    maxInboundStopStreams: MAX_RELAY_STREAMS,
    reservationCompletionTimeout: RELAY_QUESTION_MS,
  })(components) as CircuitTransport;
  // no STUN: it tells strangers who is looking
  const webrtc = webRTC({ rtcConfiguration: { iceServers: [] } })(components) as WebRtcTransport;
  harden(host, circuit, webrtc);
  components.transportManager.add(circuit);
  components.transportManager.add(webrtc);
  await circuit.start();
  await webrtc.start();
  return circuit;
}

/**
 * circuit-relay-v2 4.2 takes an introduction from any peer, and has a place reserved at it for that; webrtc 6.0 makes a peer connection of every stream
 * that asks for one, on whatever connection. Here introductions come from relays that were asked, and a few at once.
 */
function harden(host: Host, circuit: CircuitTransport, webrtc: WebRtcTransport): void {
  const introductions = new TokenBucket(host.clock, MAX_INTRODUCTIONS_TO_PEER / 60, MAX_INTRODUCTIONS_TO_PEER);
  const onStop = circuit.onStop.bind(circuit);
  circuit.onStop = async (stream, connection) => {
    if (circuit.reservationStore.hasReservation(connection.remotePeer) && introductions.take()) await onStop(stream, connection);
    else stream.abort(new Error('no introduction is taken now, or not from this peer'));
  };
  const onProtocol = webrtc._onProtocol.bind(webrtc);
  let pending = 0;
  webrtc._onProtocol = async (stream, connection, signal) => {
    if (connection.limits === undefined || pending >= MAX_PENDING_INTRODUCTIONS) {
      stream.abort(new Error('no connection is agreed on here now'));
      return;
    }
    pending++;
    try {
      await onProtocol(stream, connection, signal);
    } finally {
      pending--;
    }
  };
}
