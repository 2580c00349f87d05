/** A lazy chunk: takes what this page keeps off the device. */
import { PerigeeError } from '@perigee/wire';
import type { Model } from '../model/index.ts';
import type { NodeKeeper } from '../node-keeper.ts';

/** Everything that is kept has a name that begins so. */
const OURS = 'perigee';

/** What the page keeps, and what of it goes: `verified` can be had again from the network; `all` has the keys of this browser's account too. */
export type Wipe = 'verified' | 'all';

const KEYS = ['perigee-account'];

/** After a pause, other tabs need a moment to let go of what they have open, milliseconds. */
const LET_GO_MS = 1_000;

/** Deletes what is kept once nothing runs any more, and loads the page anew. What was in the way is put into the model. */
export async function wipeAndReload(what: Wipe, model: Model, keeper: Pick<NodeKeeper, 'stop'>): Promise<void> {
  try {
    await keeper.stop();
    await new Promise((resolve) => setTimeout(resolve, LET_GO_MS));
    await wipe(what);
    location.reload();
  } catch (thrown) {
    model.settings.value = { ...model.settings.value, wiping: PerigeeError.from(thrown).toObject() };
  }
}

/**
 * Deletes what is kept under the address of this page. Nothing may use it any more.
 *
 * @throws BUSY when something of it is in use
 */
async function wipe(what: Wipe): Promise<void> {
  const failed: string[] = [];
  const root = await navigator.storage?.getDirectory?.().catch(() => undefined);
  for await (const name of (root as unknown as { keys(): AsyncIterable<string> } | undefined)?.keys() ?? []) {
    if (name.startsWith(OURS)) await root?.removeEntry(name, { recursive: true }).catch(() => failed.push(name));
  }
  for (const { name } of (await indexedDB.databases?.()) ?? []) {
    if (name?.startsWith(OURS) && (what === 'all' || !KEYS.includes(name)))
      await emptyDatabase(name).catch(() => failed.push(name));
  }
  if (what === 'all') {
    for (const store of [localStorage, sessionStorage]) {
      for (const key of Object.keys(store)) if (key.startsWith(OURS)) store.removeItem(key);
    }
    for (const registration of (await navigator.serviceWorker?.getRegistrations()) ?? []) {
      if (location.href.startsWith(registration.scope)) await registration.unregister();
    }
    for (const name of await caches.keys()) await caches.delete(name);
  }
  if (failed.length > 0) {
    throw new PerigeeError('BUSY', `another tab or window uses ${failed.join(', ')}; close it and try again`);
  }
}

/** Empties a database: to delete it would wait for every connection, and those of this page stay open until it is left. */
function emptyDatabase(name: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(name);
    request.onerror = () => reject(request.error);
    request.onsuccess = () => {
      const database = request.result;
      const names = [...database.objectStoreNames];
      if (names.length === 0) return resolve();
      const emptying = database.transaction(names, 'readwrite');
      for (const store of names) emptying.objectStore(store).clear();
      emptying.oncomplete = () => {
        database.close();
        resolve();
      };
      emptying.onabort = () => reject(emptying.error);
    };
  });
}
