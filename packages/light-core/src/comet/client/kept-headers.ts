import {
  type HeaderAnswer,
  MAX_KEPT_HEADERS,
  PerigeeError,
  SignedHeader,
  StoredHeaders,
  Turn,
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
 * read: damage costs an entry, and a format that cannot be read costs all.
 *
 * Keys: `format`; `h/<height>/<validators_hash>/<next_validators_hash>` holds a `SignedHeader`; `v/<hash>` holds a `ValidatorSet`.
 *
 * @throws STORE_VERSION a newer program wrote it; WRONG_CHAIN it is another chain's
 */
export async function openHeaderStore(options: KeptHeadersOptions): Promise<HeaderStore> {
  const { values, chainId } = options;
  const format = readFormat(await values.get(FORMAT));
  const keys = await values.keys();
  if (format !== undefined) {
    checkFormat(format, chainId);
    return new KeptHeaders(options, keys);
  }
  const empty = new Map<string, Uint8Array | undefined>(keys.map((key) => [key, undefined]));
  await values.write(empty.set(FORMAT, StoredHeaders.encode({ version: VERSION, chainId })));
  return new KeptHeaders(options, []);
}

function readFormat(bytes: Uint8Array | undefined): StoredHeaders | undefined {
  try {
    return bytes === undefined ? undefined : StoredHeaders.decode(bytes);
  } catch {
    return undefined; // damaged
  }
}

function checkFormat(format: StoredHeaders, chainId: string): void {
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
  #headers = new Map<number, string>();
  /** Keys of sets. */
  #sets = new Set<string>();
  /** Writes follow one another. */
  readonly #turn = new Turn();

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
    const [setKey, nextKey] = setKeysOf(key);
    const [header, set, next] = await Promise.all([
      this.#values.get(key),
      this.#values.get(setKey),
      setKey === nextKey ? undefined : this.#values.get(nextKey),
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
      for (const name of [setKey, nextKey]) this.#sets.delete(name); // written anew with the next header that names it
      return undefined;
    }
  }

  keep(block: VerifiedLightBlock): Promise<void> {
    return this.#turn.take(async () => {
      const { header, commit, validators, nextValidators } = block;
      const key = keyOf(block);
      const headers = new Map(this.#headers).set(header.height, key);
      for (const height of [...headers.keys()].sort((a, b) => a - b).slice(0, -this.#max)) headers.delete(height);
      const named = new Set([...headers.values()].flatMap(setKeysOf));
      const sets = new Set([...this.#sets].filter((each) => named.has(each)));
      const changes = new Map<string, Uint8Array | undefined>();
      for (const old of [...this.#headers.values(), ...this.#sets]) changes.set(old, undefined);
      for (const still of [...headers.values(), ...sets]) changes.delete(still);
      if (headers.has(header.height)) {
        const [set, next] = setKeysOf(key);
        const own = new Map([
          [set, validators],
          [next, nextValidators],
        ]);
        changes.set(key, SignedHeader.encode({ header, commit }));
        for (const [name, content] of own) {
          if (!sets.has(name)) changes.set(name, ValidatorSet.encode(validatorSetOf(content)));
          sets.add(name);
        }
      }
      await this.#values.write(changes);
      this.#headers = headers;
      this.#sets = sets;
    });
  }

  clear(): Promise<void> {
    return this.#turn.take(async () => {
      await this.#values.write(new Map([...this.#headers.values(), ...this.#sets].map((key) => [key, undefined])));
      this.#headers = new Map();
      this.#sets = new Set();
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
}

function keyOf({ header }: VerifiedLightBlock): string {
  const height = String(header.height).padStart(HEIGHT_DIGITS, '0');
  return `h/${height}/${toHex(header.validatorsHash)}/${toHex(header.nextValidatorsHash)}`;
}

/** Of the two sets that a header's key names. */
function setKeysOf(key: string): [string, string] {
  const [, , set = '', next = ''] = key.split('/');
  return [`v/${set}`, `v/${next}`];
}
