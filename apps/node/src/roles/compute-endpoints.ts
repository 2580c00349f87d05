import { MAX_PROVIDER_ENDPOINT_CHARACTERS, MAX_PROVIDER_ENDPOINTS } from '@perigee/wire';

/** What browsers dial, best first; they dial nothing else. */
const FOR_BROWSERS = ['/webrtc-direct', '/ws', '/webtransport'];

/** Where a client may reach a provider, best for browsers first, as many as a registration holds. @param url of its HTTP side, last */
export function endpointsOf(multiaddrs: readonly string[], url: string | undefined): readonly string[] {
  const rank = (address: string): number => {
    const place = FOR_BROWSERS.findIndex((part) => address.includes(part));
    return place < 0 ? FOR_BROWSERS.length : place;
  };
  const all = multiaddrs
    .filter((address) => address.length <= MAX_PROVIDER_ENDPOINT_CHARACTERS && !address.includes('p2p-circuit'))
    .sort((a, b) => rank(a) - rank(b));
  return [...all.slice(0, MAX_PROVIDER_ENDPOINTS - (url === undefined ? 0 : 1)), ...(url === undefined ? [] : [url])];
}
