import { PerigeeError } from '@perigee/wire';
import { createPool, type Pool } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';
import { createStore, entries, get, promisifyRequest, type UseStore, update } from 'idb-keyval';
import { tryIt } from './indexed-db.ts';
import type { OpfsJobs } from './opfs.worker.ts';
import type { OpenBackendOptions, StoreBackend, StoredFile } from './store-backend.ts';

/** Digits of the genesis hash in names of databases and locks. */
const NAME_DIGITS = 32;

/**
 * Browsers: values in IndexedDB, files in the origin's private file system by way of a worker, which alone has synchronous handles. The tab that
 * holds the chain's lock writes; others read, until it is closed.
 *
 * @throws UNSUPPORTED where the browser lacks either
 */
export async function openBackend({ genesisHash }: OpenBackendOptions): Promise<StoreBackend> {
  const missing = missingPart();
  if (missing !== undefined) {
    throw new PerigeeError('UNSUPPORTED', `this browser has no ${missing} here, so nothing is kept for the next visit`);
  }
  const name = `perigee-light-${genesisHash.slice(0, NAME_DIGITS)}`;
  const lock = new WriteLock(name);
  await lock.tried;
  return new BrowserBackend(createStore(name, 'values'), genesisHash, lock);
}

function missingPart(): string | undefined {
  if (typeof indexedDB === 'undefined') return 'IndexedDB';
  if (navigator.storage?.getDirectory === undefined) return 'private file system';
  return navigator.locks === undefined ? 'Web Locks' : undefined;
}

/** The right to write, held by one tab at a time. */
class WriteLock {
  /** Done when it is known whether the lock is free. */
  readonly tried: Promise<void>;
  readonly #stop = new AbortController();
  readonly #listeners: (() => void)[] = [];
  #release: () => void = () => {};
  #held = false;

  constructor(name: string) {
    this.tried = new Promise((resolve, reject) => {
      navigator.locks
        .request(name, { ifAvailable: true }, (lock) => {
          const held = lock === null ? undefined : this.#hold();
          resolve();
          return held;
        })
        .catch(reject);
    });
    this.tried.then(
      () => {
        if (!this.#held) this.#queue(name);
      },
      () => {},
    );
  }

  get held(): boolean {
    return this.#held;
  }

  onHeld(listener: () => void): void {
    this.#listeners.push(listener);
  }

  release(): void {
    this.#stop.abort();
    this.#held = false;
    this.#release();
  }

  #queue(name: string): void {
    const granted = (): Promise<void> => {
      const held = this.#hold();
      for (const listener of this.#listeners) listener();
      return held;
    };
    navigator.locks.request(name, { signal: this.#stop.signal }, granted).catch(() => {}); // aborted by `release`
  }

  #hold(): Promise<void> {
    this.#held = true;
    return new Promise((resolve) => {
      this.#release = resolve;
    });
  }
}

class BrowserBackend implements StoreBackend {
  readonly #values: UseStore;
  readonly #folder: string;
  readonly #lock: WriteLock;
  readonly #worker: Pool<OpfsJobs>;

  constructor(values: UseStore, folder: string, lock: WriteLock) {
    this.#values = values;
    this.#folder = folder;
    this.#lock = lock;
    this.#worker = createPool<OpfsJobs>({ spawn: spawnOpfsWorker, size: 1 });
  }

  writable(): boolean {
    return this.#lock.held;
  }

  onWritable(listener: () => void): void {
    this.#lock.onHeld(listener);
  }

  get(key: string): Promise<Uint8Array | undefined> {
    return tryIt(() => get<Uint8Array>(key, this.#values));
  }

  entries(): Promise<readonly (readonly [string, Uint8Array])[]> {
    return tryIt(() => entries<string, Uint8Array>(this.#values));
  }

  write(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    return tryIt(async () => {
      this.#checkWritable();
      await this.#values('readwrite', (store) => {
        for (const [key, value] of changes) {
          if (value === undefined) store.delete(key);
          else store.put(value, key);
        }
        return promisifyRequest(store.transaction);
      });
    });
  }

  /** One transaction, which the database runs after those of other tabs: no lock is needed, and none can be left behind. */
  change(key: string, change: (value: Uint8Array | undefined) => Uint8Array): Promise<void> {
    return tryIt(() => update<Uint8Array>(key, change, this.#values));
  }

  files(): Promise<readonly StoredFile[]> {
    return this.#worker.run('list', { folder: this.#folder });
  }

  readFile(name: string): Promise<Uint8Array | undefined> {
    return this.#worker.run('read', { folder: this.#folder, name });
  }

  async writeFile(name: string, at: number, bytes: Uint8Array): Promise<void> {
    this.#checkWritable();
    await this.#worker.run('write', { folder: this.#folder, name, at, bytes });
  }

  async removeFile(name: string): Promise<void> {
    this.#checkWritable();
    await this.#worker.run('remove', { folder: this.#folder, name });
  }

  async close(): Promise<void> {
    this.#lock.release();
    await this.#worker.close();
  }

  #checkWritable(): void {
    if (!this.#lock.held) throw new PerigeeError('STORE_LOCKED', 'another tab writes');
  }
}

function spawnOpfsWorker() {
  return webWorker(new Worker(new URL('./opfs.worker.ts', import.meta.url), { type: 'module', name: 'perigee-store' }));
}
