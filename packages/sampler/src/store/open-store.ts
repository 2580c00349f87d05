import { DEFAULT_STORE_BYTES, MIN_STORE_BYTES, PerigeeError } from '@perigee/wire';
import { openBackend } from '#store';
import type { StoreOptions } from '../requests.ts';
import { KeptStore } from './kept-store.ts';
import type { LightStore } from './light-store.ts';
import { nothingKept } from './nothing-kept.ts';

export interface OpenStoreOptions {
  /** `undefined`: nothing is kept. */
  readonly store: StoreOptions | undefined;
  /** Hexadecimal; it comes later where the state proves it first. A rejection means that nothing is kept. */
  readonly genesisHash: Promise<string>;
  readonly onChange: () => void;
}

/** The store of a light node; it is opened beside whatever else is done. @throws INVALID_ARGUMENT for a budget that is too small */
export function openStore({ store, genesisHash, onChange }: OpenStoreOptions): LightStore {
  if (store === undefined) return nothingKept();
  const { directory, budgetBytes = DEFAULT_STORE_BYTES } = store;
  if (!(budgetBytes >= MIN_STORE_BYTES)) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `a store of ${budgetBytes} bytes is too small; give it ${MIN_STORE_BYTES} or more`,
    );
  }
  const open = async () => openBackend({ genesisHash: await genesisHash, directory });
  return new KeptStore({ open, budgetBytes, onChange });
}
