import { type CircuitRelayService, circuitRelayServer } from '@libp2p/circuit-relay-v2';
import type { PeerId } from '@libp2p/interface';
import {
  MAX_INTRODUCTIONS,
  MAX_INTRODUCTIONS_BY_PEER,
  MAX_INTRODUCTIONS_TO_PEER,
  MAX_PAGES_NAMED,
  MAX_RELAY_RESERVATIONS,
  MAX_RELAY_RESERVATIONS_PER_ADDRESS,
  MAX_RELAY_STREAMS,
  MAX_RELAYED_BYTES,
  MAX_RELAYED_MS,
  MAX_RESERVATIONS_BY_PEER,
  MAX_RESERVATIONS_FROM_ADDRESS,
  MAX_RESERVATIONS_MADE,
  PerigeeError,
  RELAY_QUESTION_MS,
  RELAY_RESERVATION_MS,
} from '@perigee/wire';
import type { Host } from '../create-host.ts';
import { placeOf } from '../place.ts';
import { serve } from '../server.ts';
import type { TokenBucket } from '../token-bucket.ts';
import { drawSome } from './draw.ts';
import { pagesProtocol } from './protocols.ts';
import { aMinute, Rates } from './rates.ts';

export interface RelayLimits {
  readonly reservations: number;
  readonly reservationsPerAddress: number;
  /** In a minute, renewals among them. */
  readonly reservationsMade: number;
  readonly reservationsFromAddress: number;
  readonly reservationsByPeer: number;
  /** In a minute. */
  readonly introductions: number;
  readonly introductionsByPeer: number;
  readonly introductionsToPeer: number;
  readonly reservationMs: number;
  readonly relayedBytes: number;
  readonly relayedMs: number;
}

const LIMITS: RelayLimits = {
  reservations: MAX_RELAY_RESERVATIONS,
  reservationsPerAddress: MAX_RELAY_RESERVATIONS_PER_ADDRESS,
  reservationsMade: MAX_RESERVATIONS_MADE,
  reservationsFromAddress: MAX_RESERVATIONS_FROM_ADDRESS,
  reservationsByPeer: MAX_RESERVATIONS_BY_PEER,
  introductions: MAX_INTRODUCTIONS,
  introductionsByPeer: MAX_INTRODUCTIONS_BY_PEER,
  introductionsToPeer: MAX_INTRODUCTIONS_TO_PEER,
  reservationMs: RELAY_RESERVATION_MS,
  relayedBytes: MAX_RELAYED_BYTES,
  relayedMs: MAX_RELAYED_MS,
};

/** What a relay has done since it was started. */
export interface RelayFigures {
  readonly reservations: number;
  readonly introductions: number;
  /** Reservations and introductions that were over a limit. */
  readonly refused: number;
}

/**
 * Introduces the pages of one chain to each other: a circuit relay (libp2p circuit relay v2) over which two browsers agree on a connection of their
 * own, and the list of who is there. What it carries is so little and so short that no row passes through it.
 */
export class Relay {
  readonly #host: Host;
  readonly #limits: RelayLimits;
  readonly #circuit: CircuitRelayService;
  /** Peers that asked who is there, by id. Only they are named to others. */
  readonly #pages = new Set<string>();
  readonly #rates: {
    readonly introductions: TokenBucket;
    readonly introductionsByPeer: Rates;
    readonly introductionsToPeer: Rates;
    readonly reservations: TokenBucket;
    readonly reservationsFromAddress: Rates;
    readonly reservationsByPeer: Rates;
  };
  readonly #stops: (() => unknown)[] = [];
  #introductions = 0;
  #refused = 0;

  private constructor(host: Host, limits: RelayLimits) {
    this.#host = host;
    this.#limits = limits;
    const { clock } = host;
    this.#rates = {
      introductions: aMinute(clock, limits.introductions),
      introductionsByPeer: new Rates(clock, limits.introductionsByPeer),
      introductionsToPeer: new Rates(clock, limits.introductionsToPeer),
      reservations: aMinute(clock, limits.reservationsMade),
      reservationsFromAddress: new Rates(clock, limits.reservationsFromAddress),
      reservationsByPeer: new Rates(clock, limits.reservationsByPeer),
    };
    this.#circuit = circuitRelayServer({
      hopTimeout: RELAY_QUESTION_MS,
      maxInboundHopStreams: MAX_RELAY_STREAMS,
      maxOutboundStopStreams: limits.introductionsToPeer,
      reservations: {
        maxReservations: limits.reservations,
        reservationTtl: limits.reservationMs,
        defaultDataLimit: BigInt(limits.relayedBytes),
        defaultDurationLimit: limits.relayedMs,
      },
    })(host.components);
  }

  /** @param limits to be stricter than the protocol's */
  static async start(host: Host, genesisHash: Uint8Array, limits: Partial<RelayLimits> = {}): Promise<Relay> {
    const relay = new Relay(host, { ...LIMITS, ...limits });
    await relay.#start(genesisHash);
    return relay;
  }

  get figures(): RelayFigures {
    return { reservations: this.#circuit.reservations.size, introductions: this.#introductions, refused: this.#refused };
  }

  async stop(): Promise<void> {
    for (const stop of this.#stops) await stop();
  }

  async #start(genesisHash: Uint8Array): Promise<void> {
    const { connectionGater } = this.#host.components;
    this.#endTimers();
    connectionGater.denyInboundRelayReservation = (source) => {
      // one that is refused for its haste keeps what it has
      if (!this.#mayReserve(source.toString())) return this.#denied(true);
      // a renewal makes a new one: retimeable-signal 1.0 does not take back the time that it was set to by the renewal before, which would end it early
      const isRenewal = this.#endReservation(source.toString());
      return this.#denied(!isRenewal && !this.#hasRoom(source));
    };
    connectionGater.denyOutboundRelayedConnection = (source, destination) =>
      this.#denied(!this.#mayIntroduce(source.toString(), destination.toString()));
    this.#stops.push(() => {
      delete connectionGater.denyInboundRelayReservation;
      delete connectionGater.denyOutboundRelayedConnection;
    });
    this.#stops.push(
      this.#host.subscribe((event) => {
        if (event.type === 'disconnect' && !this.#host.isConnected(event.connection.peerId))
          this.#forget(event.connection.peerId);
      }),
    );
    const circuit = this.#circuit as CircuitRelayService & { start(): Promise<void>; stop(): Promise<void> };
    await circuit.start();
    this.#stops.push(() => circuit.stop());
    const unserve = await serve(this.#host, pagesProtocol(genesisHash), async (_request, { peerId }) => this.#others(peerId), {
      maxStreams: 1,
      requestsPerSecond: 1,
    });
    this.#stops.push(unserve);
  }

  #denied(isDenied: boolean): boolean {
    if (isDenied) this.#refused++;
    return isDenied;
  }

  /** Whether a reservation from where this peer is would not crowd out those of others. */
  #hasRoom(source: PeerId): boolean {
    const { reservations } = this.#circuit;
    const address = this.#addressOf(source.toString());
    let same = 0;
    for (const peer of reservations.keys()) if (this.#addressOf(peer.toString()) === address) same++;
    return reservations.size < this.#limits.reservations && same < this.#limits.reservationsPerAddress;
  }

  #addressOf(peerId: string): string {
    const connection = this.#host.connections().find((each) => each.peerId === peerId);
    return placeOf(connection?.address ?? '');
  }

  /** Each is asked in turn, so that who is over its own limit takes nothing of the others'. */
  #mayReserve(source: string): boolean {
    const { reservations, reservationsByPeer, reservationsFromAddress } = this.#rates;
    return reservationsByPeer.take(source) && reservationsFromAddress.take(this.#addressOf(source)) && reservations.take();
  }

  /** In the same way. */
  #mayIntroduce(source: string, destination: string): boolean {
    const { introductions, introductionsByPeer, introductionsToPeer } = this.#rates;
    const may = introductionsByPeer.take(source) && introductionsToPeer.take(destination) && introductions.take();
    if (may) this.#introductions++;
    return may;
  }

  #forget(peerId: string): void {
    this.#pages.delete(peerId);
    // a reservation of who has left would stand in the way of others until its time is over
    this.#endReservation(peerId);
  }

  /** libp2p forgets a reservation without ending its timer, which would end the peer's next one, and whoever comes and goes would fill memory with timers. */
  #endTimers(): void {
    const { reservations } = this.#circuit;
    const forget = reservations.delete.bind(reservations);
    reservations.delete = (peer) => {
      reservations.get(peer)?.signal.clear();
      return forget(peer);
    };
  }

  /** @returns whether there was one */
  #endReservation(peerId: string): boolean {
    for (const peer of this.#circuit.reservations.keys()) {
      if (peer.toString() !== peerId) continue;
      this.#circuit.reservations.delete(peer);
      return true;
    }
    return false;
  }

  /** @throws REFUSED without a reservation */
  #others(peerId: string): { peerIds: string[] } {
    const reserved = new Set([...this.#circuit.reservations.keys()].map(String));
    if (!reserved.has(peerId)) throw new PerigeeError('REFUSED', 'reserve a place at this relay first');
    this.#pages.add(peerId);
    const others = [...this.#pages].filter((page) => page !== peerId && reserved.has(page));
    return { peerIds: drawSome(others, MAX_PAGES_NAMED) };
  }
}
