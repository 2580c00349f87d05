import { fromUtf8, PerigeeError, utf8 } from '@perigee/wire';
import { seal, unseal } from './seal.ts';
import type { StoreBackend } from './store-backend.ts';

/** Version of all that a light node keeps on a device. */
const FORMAT = 1;
const FORMAT_KEY = 'format';

/** @throws STORE_VERSION when a newer program wrote it */
export async function checkFormat(backend: StoreBackend): Promise<void> {
  const sealed = await backend.get(FORMAT_KEY);
  const value = sealed === undefined ? undefined : unseal(FORMAT_KEY, sealed);
  const found = value === undefined ? undefined : Number(fromUtf8(value));
  if (found !== undefined && found > FORMAT) {
    throw new PerigeeError(
      'STORE_VERSION',
      `what is kept on this device has format ${found}, and this program reads format ${FORMAT}; nothing of it is touched. Use the newer program`,
      { data: { found, known: FORMAT } },
    );
  }
  if (found !== FORMAT && backend.writable()) {
    await backend.write(new Map([[FORMAT_KEY, seal(FORMAT_KEY, utf8(String(FORMAT)))]]));
  }
}
