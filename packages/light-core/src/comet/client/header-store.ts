import type { VerifiedLightBlock } from '../verified.ts';

/** Verified light blocks, kept so that later ones need not be verified from the trust root. A cache: what is gone or damaged is not there. */
export interface HeaderStore {
  /** The highest. */
  latest(): Promise<VerifiedLightBlock | undefined>;
  at(height: number): Promise<VerifiedLightBlock | undefined>;
  /** The highest below `height`. */
  before(height: number): Promise<VerifiedLightBlock | undefined>;
  /** The lowest above `height`. */
  after(height: number): Promise<VerifiedLightBlock | undefined>;
  /** On the device when it is done; the lowest ones go when there are too many. */
  keep(block: VerifiedLightBlock): Promise<void>;
  /** Forgets all. */
  clear(): Promise<void>;
}

/** Where small values lie. A crash leaves of a write all or nothing. */
export interface KeyValues {
  keys(): Promise<readonly string[]>;
  get(key: string): Promise<Uint8Array | undefined>;
  /** `undefined` deletes. */
  write(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void>;
}
