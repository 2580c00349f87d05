import { parseTrustRoot } from '@perigee/light-core/comet';
import { toHex } from '@perigee/wire';

const KEY = 'perigee/chains';
const VERSION = 1;
/** Chains that are remembered. */
const MAX_CHAINS = 4;

export interface KeptChain {
  readonly chainId: string;
  /** Hexadecimal. */
  readonly genesisHash: string;
  /** The chain file, as it was served. */
  readonly trustRoot: string;
}

/** Chain files that this address has served, the newest first: what was verified of each lies in a store of its own. */
export class KeptChains {
  readonly #storage: () => Storage;

  /** @param storage throws where the browser blocks it */
  constructor(storage: () => Storage) {
    this.#storage = storage;
  }

  /** What this address served before a chain of another genesis took its place. */
  earlier(): KeptChain | undefined {
    return this.#read()[1];
  }

  /** Remembers the chain file that is served now. @throws TRUST_ROOT, UNKNOWN_VERSION */
  add(trustRoot: string): void {
    const added = keptChain(trustRoot);
    this.#write([added, ...this.#read().filter(({ genesisHash }) => genesisHash !== added.genesisHash)].slice(0, MAX_CHAINS));
  }

  /** Forgets all but the newest. */
  forgetEarlier(): void {
    this.#write(this.#read().slice(0, 1));
  }

  #write(chains: readonly KeptChain[]): void {
    try {
      this.#storage().setItem(KEY, JSON.stringify({ version: VERSION, trustRoots: chains.map(({ trustRoot }) => trustRoot) }));
    } catch {
      // full or blocked: the next visit takes whatever is served for the first
    }
  }

  #read(): readonly KeptChain[] {
    try {
      const kept: unknown = JSON.parse(this.#storage().getItem(KEY) ?? 'null');
      const { version, trustRoots } = kept as { version?: unknown; trustRoots?: unknown };
      if (version !== VERSION || !Array.isArray(trustRoots)) return [];
      // read as strictly as what a server says
      return trustRoots.slice(0, MAX_CHAINS).map(keptChain);
    } catch {
      return []; // blocked, or not written by this page
    }
  }
}

function keptChain(trustRoot: string): KeptChain {
  const { chainId, genesisHash } = parseTrustRoot(trustRoot);
  return { chainId, genesisHash: toHex(genesisHash), trustRoot };
}
