import { ChainView, verifyPeerRecord } from '@perigee/light-core/da';
import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { type Connection, createStopController, type Host, open, statusProtocol } from '@perigee/net';
import { equal, MAX_COMMITTEE_MEMBERS, type PeerRecord, STATUS_INTERVAL_MS, type Status, toHex } from '@perigee/wire';

/** Waits between questions to a peer that does not tell its status, milliseconds. */
const ASK_AGAIN_MS = [500, 1_000, 2_000, 5_000, 10_000, 30_000];

export interface PeerDirectoryOptions {
  readonly host: Host;
  readonly state: VerifiedState;
  readonly clock: Clock;
  readonly verifyEd25519: VerifyEd25519;
  /** The record of this node itself, where it has one. */
  readonly own?: () => Promise<PeerRecord | undefined>;
  /** Told of all that a connected peer says of itself: one question serves every role. */
  readonly onStatus?: (peerId: string, status: Status) => void;
}

/** Where the members of the committee can be reached: asked of every peer that connects, verified, and handed on to whoever asks. */
export class PeerDirectory {
  readonly #options: PeerDirectoryOptions;
  readonly #chain: ChainView;
  /** Latest record of each member, by address. */
  readonly #records = new Map<string, PeerRecord>();
  readonly #stopping = createStopController();
  readonly #unsubscribe: () => void;

  constructor(options: PeerDirectoryOptions) {
    this.#options = options;
    this.#chain = new ChainView(options.state);
    this.#unsubscribe = options.host.subscribe((event) => {
      if (event.type === 'connect') void this.#ask(event.connection);
    });
    for (const connection of options.host.connections()) void this.#ask(connection);
  }

  /** Records of the present epoch that have not expired, this node's own first. */
  async records(): Promise<PeerRecord[]> {
    const now = this.#options.clock.now();
    const own = await this.#options.own?.().catch(() => undefined); // no verified head yet
    const others = [...this.#records.values()].filter(
      ({ body }) => body.expiry > now && (own === undefined || !equal(body.address, own.body.address)),
    );
    return own === undefined ? others : [own, ...others];
  }

  stop(): void {
    this.#stopping.abort();
    this.#unsubscribe();
  }

  /**
   * Takes what a peer says of the committee. What is of another epoch, or has expired, is dropped: it was a hint.
   *
   * @returns whether it may be heard further: not after a record that its member did not sign, for each costs the check of a signature
   */
  async #learn(records: readonly PeerRecord[]): Promise<boolean> {
    const { clock, verifyEd25519 } = this.#options;
    const nowMs = clock.now();
    const epoch = await this.#chain.epoch();
    const committee = await this.#chain.committee(epoch);
    const { genesisHash } = await this.#chain.facts();
    for (const record of records.slice(0, MAX_COMMITTEE_MEMBERS)) {
      const key = toHex(record.body.address);
      const known = this.#records.get(key)?.body;
      if (record.body.epoch !== epoch || record.body.expiry <= nowMs) continue;
      if (known !== undefined && known.epoch === epoch && known.sequence >= record.body.sequence) continue;
      try {
        await verifyPeerRecord(record, { genesisHash, epoch, committee, nowMs, verifyEd25519 });
        this.#records.set(key, record);
      } catch {
        return false;
      }
    }
    return true;
  }

  /** Hears a peer's status as long as it is connected. A light client never serves one; a node that still starts does in a moment. */
  async #ask({ id, peerId }: Connection): Promise<void> {
    const { host, clock, onStatus = () => {} } = this.#options;
    const { signal } = this.#stopping;
    for (const wait of ASK_AGAIN_MS) {
      try {
        const client = open(host, { peerId, multiaddrs: [] }, statusProtocol);
        for await (const status of client.call({ watch: true }, { signal, timeoutMs: Number.POSITIVE_INFINITY })) {
          onStatus(peerId, status);
          const isHeard = await this.#learn(status.peers).catch(() => true); // the state could not be proved at this moment; the next status comes soon
          if (!isHeard) return;
          await clock.sleep(STATUS_INTERVAL_MS, signal); // who talks without end is not listened to without end
        }
      } catch {
        // it went away, or has no status to tell yet
      }
      await clock.sleep(wait, signal).catch(() => {});
      if (signal.aborted || !host.connections().some((connection) => connection.id === id)) return;
    }
  }
}
