const MAPPED = 0xffff;

/**
 * Where a peer is, as far as it cannot choose it: an IPv4 address, or the 64 bits that name an IPv6 network, since every host has all addresses of one.
 *
 * @param multiaddr of the other end of a connection
 */
export function placeOf(multiaddr: string): string {
  const [, kind, address = ''] = multiaddr.split('/');
  if (kind !== 'ip6') return address;
  const groups = groupsOf(address);
  const [a = 0, b = 0] = groups.slice(6);
  // a socket that listens on both kinds shows IPv4 so
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === MAPPED;
  if (isMapped) return [a >> 8, a & 255, b >> 8, b & 255].join('.');
  return groups
    .slice(0, 4)
    .map((group) => group.toString(16))
    .join(':');
}

/** The eight groups of an IPv6 address. */
function groupsOf(address: string): number[] {
  const [before = [], tail] = address.split('::').map((part) => part.split(':').flatMap(readGroup));
  if (tail === undefined) return before;
  return [...before, ...new Array<number>(Math.max(0, 8 - before.length - tail.length)).fill(0), ...tail];
}

function readGroup(text: string): number[] {
  if (text === '') return [];
  if (!text.includes('.')) return [Number.parseInt(text, 16)];
  const [a = 0, b = 0, c = 0, d = 0] = text.split('.').map(Number);
  return [a * 256 + b, c * 256 + d];
}
