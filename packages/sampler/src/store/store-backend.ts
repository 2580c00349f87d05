/** A file of the store as its folder shows it. */
export interface StoredFile {
  /** Lower-case letters, digits and dashes. */
  readonly name: string;
  readonly bytes: number;
  /** Last write, milliseconds since 1970. */
  readonly modifiedMs: number;
}

/**
 * Where bytes lie on this device: small values that change together, and files that grow. Every method fails with STORE_FULL (no room),
 * STORE_LOCKED (a write, while another tab writes), STORE_CORRUPT, UNSUPPORTED or INTERNAL. A crash at any moment leaves of a write to values all or
 * nothing, and of a write to a file a part of it.
 */
export interface StoreBackend {
  /** Whether this tab or process is the one that may write. */
  writable(): boolean;
  /** Calls back when it becomes the one: what was read before may have changed. */
  onWritable(listener: () => void): void;
  get(key: string): Promise<Uint8Array | undefined>;
  entries(): Promise<readonly (readonly [string, Uint8Array])[]>;
  /** All or nothing, and on disk. `undefined` deletes. */
  write(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void>;
  /** Makes one value out of the one that is there, in one step, and on disk: also where another tab is the one that may write. */
  change(key: string, change: (value: Uint8Array | undefined) => Uint8Array): Promise<void>;
  files(): Promise<readonly StoredFile[]>;
  readFile(name: string): Promise<Uint8Array | undefined>;
  /** Cuts the file off at `at`, which lies within it, adds `bytes` there, and is done when they are on disk. A file that is missing is made. */
  writeFile(name: string, at: number, bytes: Uint8Array): Promise<void>;
  removeFile(name: string): Promise<void>;
  close(): Promise<void>;
}

export interface OpenBackendOptions {
  /** Hexadecimal, 32 bytes: each chain has a store of its own. */
  readonly genesisHash: string;
  /** Folder of all chains' stores, in Node. */
  readonly directory?: string | undefined;
}
