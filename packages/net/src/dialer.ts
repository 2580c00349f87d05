import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError } from '@perigee/wire';
import { abortable, throwIfAborted } from './abort.ts';
import type { ConnectionRecord, Connections } from './connections.ts';
import { namedPeer, type PeerAddress, planDial } from './dial-plan.ts';
import { DialRace } from './dial-race.ts';
import type { Platform, Transports } from './platform.ts';

interface DialerParts {
  readonly transports: Transports;
  readonly records: Connections;
  readonly platform: Platform;
  readonly clock: Clock;
  readonly allowPrivate: boolean;
  /** Fires when the host stops. */
  readonly signal: AbortSignal;
}

interface Dial {
  readonly race: DialRace;
  readonly record: Promise<ConnectionRecord>;
  readonly multiaddrs: readonly string[];
  /** How many wait for it. */
  waiting: number;
}

/**
 * Connects to peers over the best transport that answers; one dial at a time to each. It goes to the transports directly: libp2p's dial
 * queue tries one address after the other, 6 s each, and joins a second dial to the first.
 */
export class Dialer {
  readonly #parts: DialerParts;
  /** Dials under way. */
  readonly #running = new Map<string, Dial>();

  constructor(parts: DialerParts) {
    this.#parts = parts;
    parts.signal.addEventListener('abort', () => {
      for (const { race } of this.#running.values()) race.abort(new PerigeeError('ABORTED', 'the host was stopped'));
    });
  }

  /**
   * An open connection to the peer, the one that there is or a new one.
   *
   * @throws UNREACHABLE with a reason for every address, ABORTED, TIMEOUT
   */
  async dial(peer: PeerAddress, signal?: AbortSignal): Promise<ConnectionRecord> {
    throwIfAborted(this.#parts.signal);
    throwIfAborted(signal);
    const peerId = peer.peerId ?? namedPeer(peer.multiaddrs);
    const open = peerId === undefined ? undefined : this.#parts.records.find(peerId, this.#parts.platform.preference);
    if (open !== undefined) return open;

    const key = peerId ?? JSON.stringify(peer.multiaddrs);
    for (;;) {
      const joined = this.#running.get(key);
      const dial = joined ?? this.#start(key, peerId === undefined ? peer : { ...peer, peerId });
      try {
        return await this.#wait(dial, signal);
      } catch (error) {
        // somebody else began it, with what was known of the peer then
        const knowsMore = joined !== undefined && !peer.multiaddrs.every((address) => joined.multiaddrs.includes(address));
        if (!knowsMore || PerigeeError.from(error).code !== 'UNREACHABLE') throw error;
      }
    }
  }

  async #wait(dial: Dial, signal: AbortSignal | undefined): Promise<ConnectionRecord> {
    dial.waiting++;
    try {
      return await abortable(dial.record, signal);
    } finally {
      // the last one to give up takes the dial with it
      if (--dial.waiting === 0) dial.race.abort(new PerigeeError('ABORTED', 'nobody waits for this dial any more'));
    }
  }

  #start(key: string, peer: PeerAddress): Dial {
    const { transports, clock, platform, allowPrivate } = this.#parts;
    const race = new DialRace(transports, clock, planDial(peer, platform, allowPrivate));
    const record = this.#record(race).finally(() => this.#running.delete(key));
    const dial: Dial = { race, record, multiaddrs: peer.multiaddrs, waiting: 0 };
    // nobody may be left to hear of it
    record.catch(() => {});
    this.#running.set(key, dial);
    return dial;
  }

  async #record(race: DialRace): Promise<ConnectionRecord> {
    const { connection, fallback } = await race.result;
    const record = this.#parts.records.of(connection);
    record.fallback = fallback;
    return record;
  }
}
