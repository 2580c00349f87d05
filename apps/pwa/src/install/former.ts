/**
 * What a service worker of a former release has laid on this device. Its pages go on with their own files until somebody agrees to change, if all of
 * these are here; pages that would have to fetch the rest from a server that has it no more cannot go on.
 */
/** Longest document that is looked through; one of this page is a twentieth of that. */
const MAX_DOCUMENT_CHARACTERS = 64 * 1024;
/** Where the page finds that it was changed without being asked. */
const CACHE = 'perigee-former';
const PLACE = 'changed';

export interface Former {
  /** Its document, where it lies here as every release since the first with this file lays it. */
  readonly document: Response | undefined;
  /** Whether a file of it is here, by its address. */
  readonly has: (url: string) => Promise<boolean>;
}

/** @param base address of the document */
export async function isWhole({ document, has }: Former, base: string): Promise<boolean> {
  if (document === undefined) return false;
  const text = await document.text();
  if (text.length > MAX_DOCUMENT_CHARACTERS) return false;
  const named = [...text.matchAll(/(?:src|href)="(\.\/assets\/[^"]+)"/g)].flatMap(([, path]) => path ?? []);
  if (named.length === 0) return false; // it is no document of this page
  for (const path of named) if (!(await has(new URL(path, base).href))) return false;
  return true;
}

/** What lies in the cache of files of builds. @param own revision of this build's document */
export async function formerIn(cache: Cache, own: string | undefined): Promise<Former> {
  const documents = (await cache.keys()).filter(({ url }) => new URL(url).pathname.endsWith('/index.html'));
  // one of this build's revision is that of a release whose document was the same
  const former = documents.find(({ url }) => new URL(url).searchParams.get('__WB_REVISION__') !== own) ?? documents[0];
  return {
    document: former && (await cache.match(former)),
    has: async (url) => (await cache.match(url, { ignoreSearch: true })) !== undefined,
  };
}

/** Called by the service worker that took the place of a former one at once. */
export async function noteChange(): Promise<void> {
  await (await caches.open(CACHE)).put(PLACE, new Response('1'));
}

/** Whether this page was changed to another release without being asked; said once. */
export async function wasChanged(): Promise<boolean> {
  return caches.delete(CACHE);
}
