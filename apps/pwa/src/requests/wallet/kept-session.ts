/** Which account has granted this browser's key a session, for each chain: a hint that the proved state confirms, or not. */

const KEY = 'perigee/sessions';
const VERSION = 1;
/** Chains that are remembered. */
const MAX_CHAINS = 16;

type Accounts = Readonly<Record<string, string>>;

/** Without storage (blocked, full) nothing is remembered, and the page's own account publishes. */
export class KeptSessions {
  readonly #storage: () => Pick<Storage, 'getItem' | 'setItem'>;

  /** @param storage may throw, where a browser blocks it */
  constructor(storage: () => Pick<Storage, 'getItem' | 'setItem'>) {
    this.#storage = storage;
  }

  /** @param genesisHash hexadecimal @returns address, hexadecimal, 20 bytes */
  account(genesisHash: string): string | undefined {
    return this.#read()[genesisHash];
  }

  /** Whether there is one of any chain: else nothing need be looked up. */
  get isEmpty(): boolean {
    return Object.keys(this.#read()).length === 0;
  }

  remember(genesisHash: string, account: string): void {
    const others = Object.entries(this.#read()).filter(([chain]) => chain !== genesisHash);
    this.#write(Object.fromEntries([[genesisHash, account], ...others].slice(0, MAX_CHAINS)));
  }

  forget(genesisHash: string): void {
    this.#write(Object.fromEntries(Object.entries(this.#read()).filter(([chain]) => chain !== genesisHash)));
  }

  #read(): Accounts {
    try {
      const kept: unknown = JSON.parse(this.#storage().getItem(KEY) ?? '{}');
      const { version, accounts } = kept as { version?: unknown; accounts?: unknown };
      if (version !== VERSION || typeof accounts !== 'object' || accounts === null) return {};
      return Object.fromEntries(
        Object.entries(accounts).filter(([chain, account]) => /^[0-9a-f]{64}$/.test(chain) && /^[0-9a-f]{40}$/.test(account)),
      );
    } catch {
      return {}; // blocked, or not what we wrote
    }
  }

  #write(accounts: Accounts): void {
    try {
      this.#storage().setItem(KEY, JSON.stringify({ version: VERSION, accounts }));
    } catch {
      // the wallet can grant a session anew
    }
  }
}
