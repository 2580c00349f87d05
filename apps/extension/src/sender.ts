/** Whether a message comes from a page or the service worker of this extension, in the browser's word: a script in a site's page has the site's origin. */
export function isOwnSender({ id, origin, url }: chrome.runtime.MessageSender): boolean {
  const own = new URL(chrome.runtime.getURL('')).origin;
  if (id !== chrome.runtime.id) return false;
  return origin === own || (origin === undefined && url !== undefined && new URL(url).origin === own);
}
