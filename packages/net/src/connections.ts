import type { Connection as Libp2pConnection } from '@libp2p/interface';
import type { ErrorCode, PerigeeError } from '@perigee/wire';
import { type Transport, transportOf } from './transport.ts';

/** A connection as it is now; plain values. */
export interface Connection {
  readonly id: string;
  readonly peerId: string;
  /** Multiaddr of the other end. */
  readonly address: string;
  readonly transport: Transport;
  readonly direction: 'inbound' | 'outbound';
  /** Milliseconds since 1970. */
  readonly openedAt: number;
  /** Why a better transport was not taken; absent when the best one was. */
  readonly fallback?: string;
  /** Shortest time from a request to its first answer so far, milliseconds: an upper bound of the round trip. */
  readonly rttMs?: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly protocolErrors: number;
}

export type HostEvent =
  | { readonly type: 'connect' | 'disconnect'; readonly connection: Connection }
  /** A peer broke the rules of a protocol: its stream was ended. */
  | {
      readonly type: 'protocolError';
      readonly peerId: string;
      readonly protocol: string;
      readonly code: ErrorCode;
      readonly message: string;
    };

/** One live connection and what moved on it. */
export class ConnectionRecord {
  readonly libp2p: Libp2pConnection;
  readonly transport: Transport;
  fallback: string | undefined;
  rttMs: number | undefined;
  bytesIn = 0;
  bytesOut = 0;
  protocolErrors = 0;

  constructor(libp2p: Libp2pConnection, transport: Transport) {
    this.libp2p = libp2p;
    this.transport = transport;
  }

  get peerId(): string {
    return this.libp2p.remotePeer.toString();
  }

  snapshot(): Connection {
    return {
      id: this.libp2p.id,
      peerId: this.peerId,
      address: this.libp2p.remoteAddr.toString(),
      transport: this.transport,
      direction: this.libp2p.direction,
      openedAt: this.libp2p.timeline.open,
      ...(this.fallback === undefined ? {} : { fallback: this.fallback }),
      ...(this.rttMs === undefined ? {} : { rttMs: this.rttMs }),
      bytesIn: this.bytesIn,
      bytesOut: this.bytesOut,
      protocolErrors: this.protocolErrors,
    };
  }
}

/** Bytes of frames, over all connections that there were. */
export interface Traffic {
  readonly bytesIn: number;
  readonly bytesOut: number;
}

/** The live connections of a host and those who listen to them. */
export class Connections {
  /** Of connections that are closed. */
  #past: Traffic = { bytesIn: 0, bytesOut: 0 };
  readonly #records = new Map<string, ConnectionRecord>();
  readonly #listeners = new Set<(event: HostEvent) => void>();

  list(): Connection[] {
    return [...this.#records.values()].map((record) => record.snapshot());
  }

  /** Whether there is a connection to a peer, open or closing. */
  has(peerId: string): boolean {
    for (const record of this.#records.values()) if (record.peerId === peerId) return true;
    return false;
  }

  traffic(): Traffic {
    let { bytesIn, bytesOut } = this.#past;
    for (const record of this.#records.values()) {
      bytesIn += record.bytesIn;
      bytesOut += record.bytesOut;
    }
    return { bytesIn, bytesOut };
  }

  /** The record of a libp2p connection; one that is gone already gets a loose record. */
  of(connection: Libp2pConnection): ConnectionRecord {
    return this.#records.get(connection.id) ?? newRecord(connection);
  }

  /** An open connection to a peer: the first of the preferred transports. */
  find(peerId: string, preference: readonly Transport[]): ConnectionRecord | undefined {
    let best: ConnectionRecord | undefined;
    const rank = (record: ConnectionRecord): number => preference.indexOf(record.transport) >>> 0;
    for (const record of this.#records.values()) {
      if (record.libp2p.status !== 'open' || record.peerId !== peerId) continue;
      if (best === undefined || rank(record) < rank(best)) best = record;
    }
    return best;
  }

  opened(connection: Libp2pConnection): ConnectionRecord {
    const known = this.#records.get(connection.id);
    if (known !== undefined) return known;
    const record = newRecord(connection);
    this.#records.set(connection.id, record);
    this.#emit({ type: 'connect', connection: record.snapshot() });
    return record;
  }

  closed(connection: Libp2pConnection): void {
    const record = this.#records.get(connection.id);
    if (record === undefined) return;
    this.#records.delete(connection.id);
    const { bytesIn, bytesOut } = this.#past;
    this.#past = { bytesIn: bytesIn + record.bytesIn, bytesOut: bytesOut + record.bytesOut };
    this.#emit({ type: 'disconnect', connection: record.snapshot() });
  }

  protocolError(record: ConnectionRecord, protocol: string, error: PerigeeError): void {
    record.protocolErrors++;
    this.#emit({ type: 'protocolError', peerId: record.peerId, protocol, code: error.code, message: error.message });
  }

  subscribe(listener: (event: HostEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  #emit(event: HostEvent): void {
    for (const listener of [...this.#listeners]) {
      try {
        listener(event);
      } catch (error) {
        // an error thrown here would end the process by way of libp2p's event target
        console.error('a listener of a Perigee host failed', error);
      }
    }
  }
}

function newRecord(connection: Libp2pConnection): ConnectionRecord {
  // where a peer's WebTransport comes from says no certhash, so nobody could dial it
  const isWebTransport = connection.remoteAddr.toString().endsWith('/webtransport');
  return new ConnectionRecord(connection, transportOf(connection.remoteAddr) ?? (isWebTransport ? 'webtransport' : 'tcp'));
}
