import { PerigeeError } from '@perigee/wire';
import type { TransferJournal } from '../put/journal.ts';

const DATABASE = 'perigee-transfers';
const STORE = 'journal';

/** A journal in IndexedDB, each write flushed before it is told of. @throws STORE_FULL, INTERNAL; so do its methods */
export function idbJournal(): TransferJournal {
  let opening: Promise<IDBDatabase> | undefined;
  const database = (): Promise<IDBDatabase> => {
    opening ??= new Promise((resolve, reject) => {
      const request = indexedDB.open(DATABASE, 1);
      request.onupgradeneeded = () => request.result.createObjectStore(STORE);
      request.onsuccess = () => resolve(request.result);
      request.onerror = () => reject(storeError(request.error));
    });
    return opening;
  };
  async function change<T>(mode: IDBTransactionMode, act: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> {
    // what is not on the device when the power goes could be paid for twice
    const transaction = (await database()).transaction(STORE, mode, { durability: 'strict' });
    return new Promise((resolve, reject) => {
      const request = act(transaction.objectStore(STORE));
      transaction.oncomplete = () => resolve(request.result);
      transaction.onabort = () => reject(storeError(transaction.error));
    });
  }
  return {
    async read(name) {
      const value: unknown = await change('readonly', (store) => store.get(name));
      return value instanceof Uint8Array ? value : undefined;
    },
    async write(name, bytes) {
      await change('readwrite', (store) => store.put(new Uint8Array(bytes), name));
    },
    async remove(name) {
      await change('readwrite', (store) => store.delete(name));
    },
    locked: (name, signal, act) => navigator.locks.request(`${DATABASE}/${name}`, { signal }, act) as ReturnType<typeof act>,
  };
}

function storeError(cause: DOMException | null): PerigeeError {
  const isFull = cause?.name === 'QuotaExceededError';
  const words = isFull
    ? 'the browser gives this page no more room'
    : `the browser keeps nothing: ${cause?.message ?? 'it does not say why'}`;
  return new PerigeeError(isFull ? 'STORE_FULL' : 'INTERNAL', words, { cause });
}
