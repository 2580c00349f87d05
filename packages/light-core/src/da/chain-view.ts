import { Account, AppState, BlobRecord, Committee, equal, PerigeeError, type Session, Sessions } from '@perigee/wire';
import type { VerifiedHead, VerifiedState } from '../roles/index.ts';
import {
  APP_STATE_KEY,
  accountKey,
  blobKey,
  committeeKey,
  epochOf,
  GENESIS_HASH_KEY,
  STORE,
  sessionsKey,
} from '../state/index.ts';
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
  /** What is being asked: who wants the same waits for the same answer. */
  readonly #asking = new Map<string, Promise<unknown>>();

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
    return this.#facts ?? this.#shared('facts', () => this.#askFacts(), signal);
  }

  /** Epoch of the state that can be proved: that of the block before the head. */
  async epoch(signal?: AbortSignal): Promise<number> {
    const { appState } = await this.facts(signal);
    return epochOf(this.head().height - 1, appState.epochBlocks);
  }

  /** @throws COMMITTEE when the epoch has none */
  async committee(epoch: number, signal?: AbortSignal): Promise<CanonicalCommittee> {
    return this.#committees.get(epoch) ?? this.#shared(`committee ${epoch}`, () => this.#askCommittee(epoch), signal);
  }

  async record(blobId: Uint8Array, signal?: AbortSignal): Promise<BlobRecord | undefined> {
    const value = await this.#get(STORE.da, blobKey(blobId), signal);
    return value === undefined ? undefined : BlobRecord.decode(value);
  }

  async account(address: Uint8Array, signal?: AbortSignal): Promise<Account | undefined> {
    const value = await this.#get(STORE.account, accountKey(address), signal);
    return value === undefined ? undefined : Account.decode(value);
  }

  /** What an account has granted to other keys, ascending by key; what has expired may still be there. */
  async sessions(address: Uint8Array, signal?: AbortSignal): Promise<readonly Session[]> {
    const value = await this.#get(STORE.account, sessionsKey(address), signal);
    return value === undefined ? [] : Sessions.decode(value).sessions;
  }

  /** What an account has granted a key. */
  async session(address: Uint8Array, key: Uint8Array, signal?: AbortSignal): Promise<Session | undefined> {
    return (await this.sessions(address, signal)).find((session) => equal(session.key, key));
  }

  async #askFacts(): Promise<ChainFacts> {
    const [genesisHash, appState] = await Promise.all([
      this.#get(STORE.chain, GENESIS_HASH_KEY),
      this.#get(STORE.chain, APP_STATE_KEY),
    ]);
    if (genesisHash === undefined || appState === undefined) {
      throw new PerigeeError('GENESIS', 'the state does not hold its genesis');
    }
    this.#facts = { genesisHash, appState: AppState.decode(appState) };
    return this.#facts;
  }

  async #askCommittee(epoch: number): Promise<CanonicalCommittee> {
    const value = await this.#get(STORE.da, committeeKey(epoch));
    if (value === undefined) throw new PerigeeError('COMMITTEE', `the state holds no committee of epoch ${epoch}`);
    const committee = checkCommittee(Committee.decode(value));
    const [oldest] = this.#committees.keys();
    if (this.#committees.size >= COMMITTEES && oldest !== undefined) this.#committees.delete(oldest);
    this.#committees.set(epoch, committee);
    return committee;
  }

  /** Who gives up leaves the question to the others. */
  #shared<T>(name: string, ask: () => Promise<T>, signal: AbortSignal | undefined): Promise<T> {
    let asked = this.#asking.get(name) as Promise<T> | undefined;
    if (asked === undefined) {
      asked = ask().finally(() => this.#asking.delete(name));
      this.#asking.set(name, asked);
    }
    return signal === undefined ? asked : unlessAborted(asked, signal);
  }

  #get(store: string, key: Uint8Array, signal?: AbortSignal): Promise<Uint8Array | undefined> {
    return this.#state.get(store, key, signal === undefined ? {} : { signal });
  }
}

function unlessAborted<T>(shared: Promise<T>, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const abort = (): void => {
      const reason = PerigeeError.from(signal.reason);
      reject(reason.code === 'INTERNAL' ? new PerigeeError('ABORTED', 'nobody waits for the answer any more') : reason);
    };
    if (signal.aborted) abort();
    signal.addEventListener('abort', abort, { once: true });
    shared.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort));
  });
}
