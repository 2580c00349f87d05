import { Account, AppState, BlobRecord, Committee, PerigeeError } from '@perigee/wire';
import type { VerifiedHead, VerifiedState } from '../roles/index.ts';
import { APP_STATE_KEY, accountKey, blobKey, committeeKey, epochOf, GENESIS_HASH_KEY, STORE } from '../state/index.ts';
import { type CanonicalCommittee, checkCommittee } from './committee.ts';

/** Committees kept: the current one and the one before. */
const COMMITTEES = 2;

/** What the chain fixed at genesis. */
export interface ChainFacts {
  readonly genesisHash: Uint8Array;
  readonly appState: AppState;
}

/** What of the verified state data availability needs, decoded. What never changes is asked once. */
export class ChainView {
  readonly #state: VerifiedState;
  #facts: ChainFacts | undefined;
  readonly #committees = new Map<number, CanonicalCommittee>();

  constructor(state: VerifiedState) {
    this.#state = state;
  }

  /** @throws BUSY while no head is verified */
  head(): VerifiedHead {
    const head = this.#state.head();
    if (head === undefined) throw new PerigeeError('BUSY', 'no header is verified yet; try again in a moment');
    return head;
  }

  /** @throws GENESIS, and what the state throws when it cannot prove */
  async facts(signal?: AbortSignal): Promise<ChainFacts> {
    if (this.#facts === undefined) {
      const [genesisHash, appState] = await Promise.all([
        this.#get(STORE.chain, GENESIS_HASH_KEY, signal),
        this.#get(STORE.chain, APP_STATE_KEY, signal),
      ]);
      if (genesisHash === undefined || appState === undefined)
        throw new PerigeeError('GENESIS', 'the state does not hold its genesis');
      this.#facts = { genesisHash, appState: AppState.decode(appState) };
    }
    return this.#facts;
  }

  /** Epoch of the state that can be proved: that of the block before the head. */
  async epoch(signal?: AbortSignal): Promise<number> {
    const { appState } = await this.facts(signal);
    return epochOf(this.head().height - 1, appState.epochBlocks);
  }

  /** @throws COMMITTEE when the epoch has none */
  async committee(epoch: number, signal?: AbortSignal): Promise<CanonicalCommittee> {
    const known = this.#committees.get(epoch);
    if (known !== undefined) return known;
    const value = await this.#get(STORE.da, committeeKey(epoch), signal);
    if (value === undefined) throw new PerigeeError('COMMITTEE', `the state holds no committee of epoch ${epoch}`);
    const committee = checkCommittee(Committee.decode(value));
    const [oldest] = this.#committees.keys();
    if (this.#committees.size >= COMMITTEES && oldest !== undefined) this.#committees.delete(oldest);
    this.#committees.set(epoch, committee);
    return committee;
  }

  async record(blobId: Uint8Array, signal?: AbortSignal): Promise<BlobRecord | undefined> {
    const value = await this.#get(STORE.da, blobKey(blobId), signal);
    return value === undefined ? undefined : BlobRecord.decode(value);
  }

  async account(address: Uint8Array, signal?: AbortSignal): Promise<Account | undefined> {
    const value = await this.#get(STORE.account, accountKey(address), signal);
    return value === undefined ? undefined : Account.decode(value);
  }

  #get(store: string, key: Uint8Array, signal: AbortSignal | undefined): Promise<Uint8Array | undefined> {
    return this.#state.get(store, key, signal === undefined ? {} : { signal });
  }
}
