import type { ChainView } from '@perigee/light-core/da';
import { memberIndex, peerRecordSignBytes } from '@perigee/light-core/da';
import type { Clock } from '@perigee/light-core/roles';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { keepAddresses } from '@perigee/net';
import { PEER_RECORD_LIFETIME_MS, type PeerRecord } from '@perigee/wire';

export interface PeerAnnouncerParts {
  readonly chain: ChainView;
  readonly clock: Clock;
  readonly signer: Ed25519Signer;
  readonly address: Uint8Array;
  readonly peerId: string;
  /** Where the host can be dialled now. */
  readonly multiaddrs: () => readonly string[];
}

/** Signs where this member can be reached: anew in each epoch, for other addresses, and when half the record's time is over. */
export class PeerAnnouncer {
  readonly #parts: PeerAnnouncerParts;
  #record: PeerRecord | undefined;

  constructor(parts: PeerAnnouncerParts) {
    this.#parts = parts;
  }

  /** `undefined` while this node is not in the committee, or has no address. */
  async record(): Promise<PeerRecord | undefined> {
    const { chain, clock, signer, address, peerId, multiaddrs } = this.#parts;
    const addresses = keepAddresses(multiaddrs());
    const epoch = await chain.epoch();
    if (addresses.length === 0 || memberIndex(await chain.committee(epoch), address) < 0) return undefined;
    const now = clock.now();
    const held = this.#record?.body;
    const holds =
      held?.epoch === epoch &&
      held.expiry - now > PEER_RECORD_LIFETIME_MS / 2 &&
      held.multiaddrs.length === addresses.length &&
      held.multiaddrs.every((multiaddr, i) => multiaddr === addresses[i]);
    if (holds) return this.#record;
    const { genesisHash } = await chain.facts();
    const body = {
      genesisHash,
      epoch,
      address,
      peerId,
      multiaddrs: addresses,
      sequence: now,
      expiry: now + PEER_RECORD_LIFETIME_MS,
    };
    this.#record = { body, signature: await signer.sign(peerRecordSignBytes(body)) };
    return this.#record;
  }
}
