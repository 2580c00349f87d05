import type { Clock } from '@perigee/light-core/roles';
import { type PeerRecord, PeerRecord as PeerRecordMessage, toHex } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { ChainFacts } from '../chain/chain-facts.ts';
import { CHAIN_WORKER } from '../chain/chain-follower.ts';
import type { Verifier } from '../verify/verifier.ts';
import type { PeerSet } from './peer-set.ts';

export interface MembersOptions {
  readonly peers: PeerSet;
  readonly facts: ChainFacts;
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

  /**
   * Dials the peers that records speak of, at once, and names them as members as soon as their records are verified.
   *
   * @param records hints: what does not verify is dropped
   */
  async learn(records: readonly PeerRecord[]): Promise<void> {
    const { peers, facts } = this.#options;
    const fresh = records.filter(({ body }) => (this.#seen.get(keyOf(body)) ?? -1) < body.sequence);
    for (const { body } of fresh) peers.add({ peerId: body.peerId, multiaddrs: body.multiaddrs });
    if (fresh.length === 0) return;
    const committee = await facts.committee(await facts.currentEpoch());
    await Promise.allSettled(
      fresh.filter(({ body }) => body.epoch === committee.epoch).map((record) => this.#verify(record, committee.bytes)),
    );
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
