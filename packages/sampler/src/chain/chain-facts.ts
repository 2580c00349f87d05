import { checkCommittee } from '@perigee/light-core/da';
import { APP_STATE_KEY, committeeKey, epochOf, GENESIS_HASH_KEY, STORE } from '@perigee/light-core/state';
import { AppState, Committee, equal, PerigeeError, toHex } from '@perigee/wire';
import type { ChainFollower } from './chain-follower.ts';

/** A committee as state proved it. */
export interface ProvedCommittee {
  readonly epoch: number;
  /** Canonical `Committee`. */
  readonly bytes: Uint8Array;
  /** Addresses in the committee's order, hexadecimal. */
  readonly members: readonly string[];
  readonly stakes: readonly bigint[];
  readonly totalStake: bigint;
}

/** Epochs whose committee is kept. */
const KEPT = 8;

/** What genesis and the epochs say, proved once and kept. */
export class ChainFacts {
  readonly #follower: ChainFollower;
  readonly #genesisHash: Uint8Array;
  readonly #committees = new Map<number, Promise<ProvedCommittee>>();
  #appState: Promise<AppState> | undefined;

  constructor(follower: ChainFollower, genesisHash: Uint8Array) {
    this.#follower = follower;
    this.#genesisHash = genesisHash;
  }

  /**
   * Genesis as the chain stores it.
   *
   * @throws WRONG_CHAIN when the proved genesis hash is not that of the trust root; UNPROVEN
   */
  appState(): Promise<AppState> {
    this.#appState ??= this.#proveAppState().catch((error) => {
      this.#appState = undefined;
      throw error;
    });
    return this.#appState;
  }

  /** Epoch of the latest block whose state can be proved. */
  async currentEpoch(): Promise<number> {
    const { epochBlocks } = await this.appState();
    return epochOf((this.#follower.head()?.height ?? 1) - 1, epochBlocks);
  }

  /** @throws COMMITTEE when state has none for this epoch; UNPROVEN */
  committee(epoch: number): Promise<ProvedCommittee> {
    let known = this.#committees.get(epoch);
    if (known === undefined) {
      known = this.#proveCommittee(epoch);
      this.#committees.set(epoch, known);
      known.catch(() => this.#committees.delete(epoch));
      for (const oldest of this.#committees.keys()) {
        if (this.#committees.size <= KEPT) break;
        this.#committees.delete(oldest);
      }
    }
    return known;
  }

  async #proveAppState(): Promise<AppState> {
    const [genesisHash, appState] = await this.#follower.getMany(STORE.chain, [GENESIS_HASH_KEY, APP_STATE_KEY]);
    if (genesisHash === undefined || !equal(genesisHash, this.#genesisHash)) {
      throw new PerigeeError('WRONG_CHAIN', 'the state of this chain proves another genesis than the trust root names');
    }
    if (appState === undefined) throw new PerigeeError('GENESIS', 'the state of this chain holds no genesis application state');
    return AppState.decodeCanonical(appState);
  }

  async #proveCommittee(epoch: number): Promise<ProvedCommittee> {
    const bytes = await this.#follower.get(STORE.da, committeeKey(epoch));
    if (bytes === undefined)
      throw new PerigeeError('COMMITTEE', `state holds no committee for epoch ${epoch}`, { data: { epoch } });
    const { members, totalStake } = checkCommittee(Committee.decodeCanonical(bytes));
    return {
      epoch,
      bytes,
      members: members.map((member) => toHex(member.address)),
      stakes: members.map((member) => member.stake),
      totalStake,
    };
  }
}
