import {
  type HeaderAnswer,
  MAX_KEPT_HEADERS,
  PerigeeError,
  SignedHeader,
  StoredHeaders,
  toHex,
  ValidatorSet,
} from '@perigee/wire';
import { restoreVerified, type VerifiedLightBlock, validatorSetOf } from '../verified.ts';
import type { HeaderStore, KeyValues } from './header-store.ts';

const VERSION = 1;
const FORMAT = 'format';
/** Heights have as many digits as the largest, so that keys and heights sort alike. */
const HEIGHT_DIGITS = 16;

export interface KeptHeadersOptions {
  readonly values: KeyValues;
  readonly chainId: string;
  /** Blocks that are kept at most. Default MAX_KEPT_HEADERS. */
  readonly maxHeaders?: number;
}

/**
 * A header store over values by key. A validator set lies there once, however many headers name it. Every block is checked against its hashes when it is
 * read: damage costs an entry.
 *
 * Keys: `format`; `h/<height>/<validators_hash>/<next_validators_hash>` holds a `SignedHeader`; `v/<hash>` holds a `ValidatorSet`.
 *
 * @throws STORE_VERSION a newer program wrote it; WRONG_CHAIN it is another chain's
 */
export async function openHeaderStore(options: KeptHeadersOptions): Promise<HeaderStore> {
  const { values, chainId } = options;
  const format = await values.get(FORMAT);
  if (format === undefined) await values.write(new Map([[FORMAT, StoredHeaders.encode({ version: VERSION, chainId })]]));
  else checkFormat(StoredHeaders.decode(format), chainId);
  return new KeptHeaders(options, await values.keys());
}

function checkFormat(format: { readonly version: number; readonly chainId: string }, chainId: string): void {
  if (format.version !== VERSION) {
    throw new PerigeeError('STORE_VERSION', `the headers are kept in version ${format.version}; only ${VERSION} is known`);
  }
  if (format.chainId !== chainId) {
    throw new PerigeeError('WRONG_CHAIN', `headers of chain "${format.chainId}" are kept here, not of "${chainId}"`);
  }
}

class KeptHeaders implements HeaderStore {
  readonly #values: KeyValues;
  readonly #chainId: string;
  readonly #max: number;
  /** Keys of headers, by height. */
  readonly #headers = new Map<number, string>();
  /** Keys of sets. */
  readonly #sets = new Set<string>();
  /** Writes follow one another. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor({ values, chainId, maxHeaders = MAX_KEPT_HEADERS }: KeptHeadersOptions, keys: readonly string[]) {
    this.#values = values;
    this.#chainId = chainId;
    this.#max = maxHeaders;
    for (const key of keys) {
      if (key.startsWith('h/')) this.#headers.set(Number(key.split('/')[1]), key);
      else if (key.startsWith('v/')) this.#sets.add(key);
    }
  }

  latest(): Promise<VerifiedLightBlock | undefined> {
    return this.#first((a, b) => b - a);
  }

  before(height: number): Promise<VerifiedLightBlock | undefined> {
    return this.#first(
      (a, b) => b - a,
      (each) => each < height,
    );
  }

  after(height: number): Promise<VerifiedLightBlock | undefined> {
    return this.#first(
      (a, b) => a - b,
      (each) => each > height,
    );
  }

  async at(height: number): Promise<VerifiedLightBlock | undefined> {
    const key = this.#headers.get(height);
    if (key === undefined) return undefined;
    const [, , setHash, nextHash] = key.split('/');
    const [header, set, next] = await Promise.all([
      this.#values.get(key),
      this.#values.get(`v/${setHash}`),
      setHash === nextHash ? undefined : this.#values.get(`v/${nextHash}`),
    ]);
    try {
      if (header === undefined || set === undefined)
        throw new PerigeeError('STORE_CORRUPT', `a part of header ${height} is gone`);
      const answer: HeaderAnswer = {
        block: { signedHeader: SignedHeader.decode(header), validatorSet: ValidatorSet.decode(set) },
        ...(next === undefined ? {} : { nextValidators: ValidatorSet.decode(next) }),
      };
      const block = restoreVerified(answer, this.#chainId);
      if (keyOf(block) !== key)
        throw new PerigeeError('STORE_CORRUPT', `header ${block.header.height} lies in place of ${height}`);
      return block;
    } catch (error) {
      if (!(error instanceof PerigeeError)) throw error;
      this.#headers.delete(height);
      for (const hash of [setHash, nextHash]) this.#sets.delete(`v/${hash}`); // written anew with the next header that names it
      return undefined;
    }
  }

  keep(block: VerifiedLightBlock): Promise<void> {
    return this.#inTurn(async () => {
      const { header, commit, validators, nextValidators } = block;
      const key = keyOf(block);
      const changes = new Map<string, Uint8Array | undefined>();
      const before = this.#headers.get(header.height);
      if (before !== undefined && before !== key) changes.set(before, undefined);
      this.#headers.set(header.height, key);
      changes.set(key, SignedHeader.encode({ header, commit }));
      for (const [hash, set] of [
        [header.validatorsHash, validators],
        [header.nextValidatorsHash, nextValidators],
      ] as const) {
        const name = `v/${toHex(hash)}`;
        if (this.#sets.has(name)) continue;
        this.#sets.add(name);
        changes.set(name, ValidatorSet.encode(validatorSetOf(set)));
      }
      for (const [height, old] of this.#lowest(this.#headers.size - this.#max)) {
        this.#headers.delete(height);
        changes.set(old, undefined);
      }
      for (const name of this.#unnamedSets()) {
        this.#sets.delete(name);
        changes.set(name, undefined);
      }
      await this.#values.write(changes);
    });
  }

  clear(): Promise<void> {
    return this.#inTurn(async () => {
      const changes = new Map<string, undefined>([...this.#headers.values(), ...this.#sets].map((key) => [key, undefined]));
      this.#headers.clear();
      this.#sets.clear();
      await this.#values.write(changes);
    });
  }

  /** The first in order that is whole. */
  async #first(order: (a: number, b: number) => number, which = (_: number) => true): Promise<VerifiedLightBlock | undefined> {
    for (const height of [...this.#headers.keys()].filter(which).sort(order)) {
      const block = await this.at(height);
      if (block !== undefined) return block;
    }
    return undefined;
  }

  #lowest(count: number): [number, string][] {
    return count <= 0 ? [] : [...this.#headers].sort(([a], [b]) => a - b).slice(0, count);
  }

  #unnamedSets(): string[] {
    const named = new Set([...this.#headers.values()].flatMap((key) => key.split('/').slice(2)));
    return [...this.#sets].filter((name) => !named.has(name.slice(2)));
  }

  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#turn.then(work);
    this.#turn = done.catch(() => {});
    return done;
  }
}

function keyOf({ header }: VerifiedLightBlock): string {
  const height = String(header.height).padStart(HEIGHT_DIGITS, '0');
  return `h/${height}/${toHex(header.validatorsHash)}/${toHex(header.nextValidatorsHash)}`;
}
