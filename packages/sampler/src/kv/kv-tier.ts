/** Where entries lie on this device. Every method fails with STORE_FULL (no room), STORE_LOCKED, STORE_CORRUPT or INTERNAL. */
export interface KvTier {
  /** Whether this is the one that writes: of several tabs one does, so that one keeps the budget. All read. */
  readonly isWriter: boolean;
  /** Resolves when it is; never where it was closed before. */
  readonly becomesWriter: Promise<void>;
  /** In the order of the names. */
  getMany(names: readonly string[]): Promise<readonly (Uint8Array | undefined)[]>;
  /** All or nothing; `undefined` deletes. */
  write(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void>;
  /** Names and bytes of what is there. */
  sizes(): Promise<readonly (readonly [name: string, bytes: number])[]>;
  /** Key of this profile, by which it knows what it has written itself: another device has another one. */
  profileKey(): Promise<CryptoKey>;
  close(): Promise<void>;
}

export interface OpenKvTierOptions {
  /** Hexadecimal: each chain has its own. */
  readonly genesisHash: string;
  /** Folder of all chains' caches, in Node. */
  readonly directory?: string | undefined;
}

/** Digits of the genesis hash in names of databases and folders. */
export const NAME_DIGITS = 32;
export const KEY_ALGORITHM = { name: 'HMAC', hash: 'SHA-256', length: 256 } as const;
export const KEY_USES = ['sign', 'verify'] as const satisfies KeyUsage[];
