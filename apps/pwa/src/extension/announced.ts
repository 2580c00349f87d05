/** What a page asks of the extension. Errors have a code of EIP-1193. */
export interface NodeProvider {
  request(asked: { readonly method: string; readonly params?: unknown }): Promise<unknown>;
}

const RDNS = 'org.perigee';

/**
 * The extension of Perigee, if it is in this browser (EIP-6963): its script is there before the page's, and answers at once. Another extension could say that it is it; but what may put a
 * script into this page could as well change what the page says.
 */
export function findExtension(target: EventTarget): NodeProvider | undefined {
  let found: NodeProvider | undefined;
  const onAnnounce = (event: Event): void => {
    const { info, provider } = ((event as CustomEvent).detail ?? {}) as {
      readonly info?: { readonly rdns?: unknown };
      readonly provider?: NodeProvider;
    };
    if (info?.rdns === RDNS && typeof provider?.request === 'function') found ??= provider;
  };
  target.addEventListener('eip6963:announceProvider', onAnnounce);
  target.dispatchEvent(new Event('eip6963:requestProvider'));
  target.removeEventListener('eip6963:announceProvider', onAnnounce);
  return found;
}
