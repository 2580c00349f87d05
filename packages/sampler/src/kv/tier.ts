import { join } from 'node:path';
import { PerigeeError } from '@perigee/wire';
import type { ClassicLevel } from 'classic-level';
import { openLevel, plain, storeError } from '../store/level.ts';
import { KEY_ALGORITHM, KEY_USES, type KvTier, NAME_DIGITS, type OpenKvTierOptions } from './kv-tier.ts';

/** Of entries, and of the key: no name of an entry begins so. */
const ENTRY = 'e/';
const KEY = 'key';

/**
 * Node: LevelDB in a folder of the chain's own. The key lies beside the entries: who can write there can read it too, so it tells damage and mistakes,
 * not an attacker on this machine.
 *
 * @throws INVALID_ARGUMENT without a directory; STORE_LOCKED, STORE_FULL, STORE_CORRUPT
 */
export async function openKvTier({ genesisHash, directory }: OpenKvTierOptions): Promise<KvTier> {
  if (directory === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'a cache of streams needs a directory here');
  const folder = join(directory, `kv-${genesisHash.slice(0, NAME_DIGITS)}`);
  try {
    return new LevelKvTier(await openLevel(folder), folder);
  } catch (error) {
    throw storeError(folder, error);
  }
}

class LevelKvTier implements KvTier {
  /** No other program can have it open. */
  readonly isWriter = true;
  readonly becomesWriter = Promise.resolve();
  readonly #db: ClassicLevel<string, Uint8Array>;
  readonly #folder: string;

  constructor(db: ClassicLevel<string, Uint8Array>, folder: string) {
    this.#db = db;
    this.#folder = folder;
  }

  getMany(names: readonly string[]): Promise<readonly (Uint8Array | undefined)[]> {
    return this.#try(async () => (await this.#db.getMany(names.map((name) => ENTRY + name))).map(plain));
  }

  write(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    return this.#try(() =>
      this.#db.batch(
        [...changes].map(([name, value]) =>
          value === undefined ? { type: 'del' as const, key: ENTRY + name } : { type: 'put' as const, key: ENTRY + name, value },
        ),
      ),
    );
  }

  sizes(): Promise<readonly (readonly [name: string, bytes: number])[]> {
    return this.#try(async () => {
      const found: [string, number][] = [];
      for await (const [name, value] of this.#db.iterator({ gt: ENTRY, lt: `${ENTRY}\uffff` })) {
        found.push([name.slice(ENTRY.length), value.length]);
      }
      return found;
    });
  }

  profileKey(): Promise<CryptoKey> {
    return this.#try(async () => {
      let secret = plain(await this.#db.get(KEY));
      if (secret === undefined || secret.length !== KEY_ALGORITHM.length / 8) {
        secret = crypto.getRandomValues(new Uint8Array(KEY_ALGORITHM.length / 8));
        await this.#db.put(KEY, secret, { sync: true });
      }
      return crypto.subtle.importKey('raw', Uint8Array.from(secret), KEY_ALGORITHM, false, [...KEY_USES]);
    });
  }

  close(): Promise<void> {
    return this.#try(() => this.#db.close());
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeError(this.#folder, error);
    }
  }
}
