/**
 * A file that another program shares with the page: the service worker lays it down, the page that it opens takes it up. Nothing is
 * published before the person says so.
 */
const CACHE = 'perigee-handed';
const PLACE = 'handed-file';
const NAME_HEADER = 'X-Perigee-Name';
/** Longest file that is laid down, bytes: those that can be published or stored in one piece are shorter. */
const MAX_HANDED_BYTES = 64 * 1024 * 1024;

/** What a share brought: a file, or text that may be a link. */
export type Handed = { readonly file: File } | { readonly text: string } | undefined;

/** What a form of the manifest's `share_target` brings. A file that is too long is left out. */
export function handedBy(form: FormData): Handed {
  const file = form.get('file');
  if (file instanceof File && file.size > 0) return file.size > MAX_HANDED_BYTES ? undefined : { file };
  const text = ['url', 'text', 'title'].map((name) => form.get(name)).find((value) => typeof value === 'string' && value !== '');
  return typeof text === 'string' ? { text } : undefined;
}

/** Lays a file down for the page; one that was not taken up makes room. */
export async function layDown(file: File): Promise<void> {
  const cache = await caches.open(CACHE);
  await cache.put(PLACE, new Response(file, { headers: { [NAME_HEADER]: encodeURIComponent(file.name) } }));
}

/** The file that was laid down, once. */
export async function takeUp(): Promise<File | undefined> {
  const cache = await caches.open(CACHE);
  const response = await cache.match(PLACE);
  if (response === undefined) return undefined;
  await cache.delete(PLACE);
  return new File([await response.blob()], decodeURIComponent(response.headers.get(NAME_HEADER) ?? 'file'));
}
