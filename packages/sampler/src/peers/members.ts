import { type ChainView, memberIndex } from '@perigee/light-core/da';
import type { KnownPeer } from '@perigee/net';
import {
  Committee,
  equal,
  MAX_COMMITTEE_MEMBERS,
  type PeerRecord,
  PeerRecord as PeerRecordMessage,
  PerigeeError,
  toHex,
} from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import { CHAIN_WORKER } from '../chain/worker-trust.ts';
import type { Verifier } from '../verify/verifier.ts';
import type { OnLie } from './lies.ts';
import type { Peer } from './peer.ts';
import type { PeerSet } from './peer-set.ts';

export interface MembersOptions {
  readonly peers: PeerSet;
  readonly chain: ChainView;
  readonly verify: Pool<Verifier>;
  /** `undefined` until it is known: records name it. */
  readonly genesisHash: () => Uint8Array | undefined;
  readonly onLie: OnLie;
}

/** Members that are remembered: those of old committees still hold rows. */
const MAX_KNOWN = 2 * MAX_COMMITTEE_MEMBERS;

/** The latest record of a member that was verified. */
interface Known {
  readonly epoch: number;
  readonly sequence: number;
  readonly address: KnownPeer;
}

/** Learns which peer is which committee member, from records that the members signed. */
export class Members {
  readonly #options: MembersOptions;
  /** By committee address, hexadecimal; the one heard of last at the end. */
  readonly #known = new Map<string, Known>();

  constructor(options: MembersOptions) {
    this.#options = options;
  }

  /** Where each member can be dialled, by committee address in hexadecimal. */
  addresses(): Map<string, KnownPeer> {
    return new Map([...this.#known].map(([member, { address }]) => [member, address]));
  }

  /** Dials the peers that records speak of, before anything is known of them. */
  dial(records: readonly PeerRecord[]): void {
    for (const { body } of records) this.#options.peers.add({ peerId: body.peerId, multiaddrs: body.multiaddrs }, 'hint');
  }

  /**
   * Names as members the peers whose records are verified; others are dropped. Who hands on a record of this committee whose signature is
   * wrong has not looked at it, or made it.
   *
   * @throws UNPROVEN when the committee could not be proved; the next status brings the records again
   */
  async verify(sender: Peer, records: readonly PeerRecord[]): Promise<void> {
    const { chain, verify, onLie } = this.#options;
    const genesisHash = this.#options.genesisHash();
    const fresh = records.filter((record) => this.#isNews(record));
    if (fresh.length === 0 || genesisHash === undefined) return;
    const epoch = await chain.epoch();
    const committee = await chain.committee(epoch);
    // the chain's time, which is verified: a local clock that is wrong must not hide who is who
    const now = chain.head().timeMs;
    const seen = new Set<string>();
    const current = fresh.filter(({ body }) => {
      const member = toHex(body.address);
      if (body.epoch !== epoch || body.expiry <= now || !equal(body.genesisHash, genesisHash) || seen.has(member)) return false;
      seen.add(member);
      return memberIndex(committee, body.address) >= 0;
    });
    if (current.length === 0) return;
    const input = {
      records: current.map((record) => PeerRecordMessage.encode(record)),
      committee: Committee.encode({ members: committee.members }),
      genesisHash,
      epoch,
      now,
    };
    const signed = new Set(await verify.run('peerRecords', input, CHAIN_WORKER));
    current.forEach((record, i) => {
      if (signed.has(i) && this.#isNews(record)) this.#learn(record);
    });
    if (signed.size < current.length) {
      onLie(sender, new PerigeeError('PEER_RECORD', 'it handed on peer records that no committee member has signed'));
    }
  }

  #isNews({ body }: PeerRecord): boolean {
    const known = this.#known.get(toHex(body.address));
    return known === undefined || body.epoch > known.epoch || (body.epoch === known.epoch && body.sequence > known.sequence);
  }

  #learn({ body }: PeerRecord): void {
    const { peers } = this.#options;
    const member = toHex(body.address);
    const before = this.#known.get(member);
    if (before !== undefined) peers.get(before.address.peerId)?.members.delete(member);
    const address = { peerId: body.peerId, multiaddrs: body.multiaddrs };
    this.#known.delete(member);
    this.#known.set(member, { epoch: body.epoch, sequence: body.sequence, address });
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_KNOWN && oldest !== undefined) this.#known.delete(oldest);
    peers.add(address, 'signed')?.members.add(member);
  }
}
