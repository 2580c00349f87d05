import { createStore, get, keys, promisifyRequest } from 'idb-keyval';
import { tryIt } from '../store/indexed-db.ts';
import type { HeaderValues, HeaderValuesOptions } from './header-values.ts';

export type { HeaderValues, HeaderValuesOptions } from './header-values.ts';

/**
 * Browsers: an IndexedDB of its own. Several tabs may have it open: what one deletes is for the others an entry that is gone.
 *
 * @throws STORE_FULL, INTERNAL when the browser refuses
 */
export async function openHeaderValues({ name }: HeaderValuesOptions): Promise<HeaderValues> {
  const store = createStore(`perigee-headers-${name}`, 'values');
  return {
    keys: () => tryIt(() => keys<string>(store)),
    get: (key) => tryIt(() => get<Uint8Array>(key, store)),
    write: (changes) =>
      tryIt(() =>
        store('readwrite', (values) => {
          for (const [key, value] of changes) {
            if (value === undefined) values.delete(key);
            else values.put(value, key);
          }
          return promisifyRequest(values.transaction);
        }),
      ),
    close: async () => {},
  };
}
