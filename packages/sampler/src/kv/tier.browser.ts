import { createStore, entries, get, getMany, promisifyRequest, type UseStore, update } from 'idb-keyval';
import { tryIt } from '../store/indexed-db.ts';
import { KEY_ALGORITHM, KEY_USES, type KvTier, NAME_DIGITS, type OpenKvTierOptions } from './kv-tier.ts';

/** Browsers: entries in IndexedDB, and beside them a key that no script can read out. */
export async function openKvTier({ genesisHash }: OpenKvTierOptions): Promise<KvTier> {
  const name = `perigee-kv-${genesisHash.slice(0, NAME_DIGITS)}`;
  const turn = await takeTurn(`perigee/kv/${name}`);
  return new BrowserKvTier(createStore(name, 'entries'), createStore(`${name}-key`, 'key'), turn);
}

/** The turn to write, which one tab has until it ends; then another gets it. */
interface Turn {
  isMine: boolean;
  readonly becomesMine: Promise<void>;
  end(): void;
}

async function takeTurn(name: string): Promise<Turn> {
  const stop = new AbortController();
  let end = (): void => {};
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const turn: { -readonly [Name in keyof Turn]: Turn[Name] } = {
    isMine: false,
    becomesMine: Promise.resolve(),
    end() {
      end();
      stop.abort();
    },
  };
  const have = (): Promise<void> => {
    turn.isMine = true;
    return ended;
  };
  await new Promise<void>((resolve, reject) => {
    navigator.locks
      .request(name, { ifAvailable: true }, (lock) => {
        resolve();
        return lock === null ? undefined : have();
      })
      .catch(reject);
  });
  if (!turn.isMine) {
    turn.becomesMine = new Promise((resolve) => {
      const wait = navigator.locks.request(name, { signal: stop.signal }, () => {
        resolve();
        return have();
      });
      wait.catch(() => {}); // it was closed before
    });
  }
  return turn;
}

class BrowserKvTier implements KvTier {
  readonly #entries: UseStore;
  readonly #key: UseStore;

  readonly #turn: Turn;

  constructor(entriesStore: UseStore, keyStore: UseStore, turn: Turn) {
    this.#entries = entriesStore;
    this.#key = keyStore;
    this.#turn = turn;
  }

  get isWriter(): boolean {
    return this.#turn.isMine;
  }

  get becomesWriter(): Promise<void> {
    return this.#turn.becomesMine;
  }

  getMany(names: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return tryIt(async () => (await getMany<unknown>([...names], this.#entries)).map(bytesOrNothing));
  }

  write(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    return tryIt(() =>
      this.#entries('readwrite', (store) => {
        for (const [name, value] of changes) {
          if (value === undefined) store.delete(name);
          else store.put(value, name);
        }
        return promisifyRequest(store.transaction);
      }),
    );
  }

  sizes(): Promise<readonly (readonly [name: string, bytes: number])[]> {
    return tryIt(async () =>
      (await entries<string, unknown>(this.#entries)).map(([name, value]) => [name, bytesOrNothing(value)?.length ?? 0] as const),
    );
  }

  /** Made by the first tab that asks; the others find it. */
  profileKey(): Promise<CryptoKey> {
    return tryIt(async () => {
      const made = await crypto.subtle.generateKey(KEY_ALGORITHM, false, [...KEY_USES]);
      await update<unknown>('key', (there) => (there instanceof CryptoKey ? there : made), this.#key);
      const key = await get<unknown>('key', this.#key);
      return key instanceof CryptoKey ? key : made;
    });
  }

  /** A browser closes what a page has open; another tab may write from now on. */
  async close(): Promise<void> {
    this.#turn.end();
  }
}

/** A database gives back whatever somebody put there. */
function bytesOrNothing(value: unknown): Uint8Array | undefined {
  return value instanceof Uint8Array ? value : undefined;
}
