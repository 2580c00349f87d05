import type { ChainView } from '@perigee/light-core/da';
import type { Clock } from '@perigee/light-core/roles';
import { Committee, type PeerRecord, PeerRecord as PeerRecordMessage, toHex } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import { CHAIN_WORKER } from '../chain/chain-follower.ts';
import type { Verifier } from '../verify/verifier.ts';
import type { PeerSet } from './peer-set.ts';

export interface MembersOptions {
  readonly peers: PeerSet;
  readonly chain: ChainView;
  readonly verify: Pool<Verifier>;
  readonly clock: Clock;
  readonly genesisHash: Uint8Array;
}

/** Learns which peer is which committee member, from records that the members signed. */
export class Members {
  readonly #options: MembersOptions;
  /** Sequence of the latest record that was verified, by member and epoch. */
  readonly #seen = new Map<string, number>();

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  /** Dials the peers that records speak of, before anything is known of them. */
  dial(records: readonly PeerRecord[]): void {
    for (const { body } of records) this.#options.peers.add({ peerId: body.peerId, multiaddrs: body.multiaddrs });
  }

  /**
   * Names as members the peers whose records are verified; others are dropped.
   *
   * @throws UNPROVEN when the committee could not be proved; the next status brings the records again
   */
  async verify(records: readonly PeerRecord[]): Promise<void> {
    const { chain } = this.#options;
    const fresh = records.filter(({ body }) => (this.#seen.get(keyOf(body)) ?? -1) < body.sequence);
    if (fresh.length === 0) return;
    const epoch = await chain.epoch();
    const committee = Committee.encode({ members: (await chain.committee(epoch)).members });
    const current = fresh.filter(({ body }) => body.epoch === epoch);
    await Promise.allSettled(current.map((record) => this.#verify(record, committee)));
  }

  async #verify(record: PeerRecord, committee: Uint8Array): Promise<void> {
    const { peers, verify, clock, genesisHash } = this.#options;
    const { body } = record;
    const input = { record: PeerRecordMessage.encode(record), committee, genesisHash, epoch: body.epoch, now: clock.now() };
    await verify.run('peerRecord', input, CHAIN_WORKER);
    if ((this.#seen.get(keyOf(body)) ?? -1) >= body.sequence) return;
    this.#seen.set(keyOf(body), body.sequence);
    const peer = peers.get(body.peerId);
    if (peer === undefined) return;
    peer.readdress(body.multiaddrs);
    peer.member = toHex(body.address);
  }
}

function keyOf(body: PeerRecord['body']): string {
  return `${body.epoch} ${toHex(body.address)}`;
}
