import { MAX_PEER_ADDRESSES } from '@perigee/wire';
import { kindOf } from './transport.ts';

/**
 * At most MAX_PEER_ADDRESSES of what a peer can be reached by. Many of one kind must not cut the only one of another, which may be all that somebody can dial: the first
 * of each kind stays, then the second of each.
 *
 * @param kind tells transports apart
 * @returns those that stay, in their order
 */
export function keepOfEach<Address>(addresses: readonly Address[], kind: (address: Address) => string | undefined): Address[] {
  if (addresses.length <= MAX_PEER_ADDRESSES) return [...addresses];
  const counts = new Map<string | undefined, number>();
  const ranked = addresses.map((address, order) => {
    const rank = counts.get(kind(address)) ?? 0;
    counts.set(kind(address), rank + 1);
    return { address, order, rank };
  });
  ranked.sort((a, b) => a.rank - b.rank || a.order - b.order);
  return ranked
    .slice(0, MAX_PEER_ADDRESSES)
    .sort((a, b) => a.order - b.order)
    .map(({ address }) => address);
}

/** The same of addresses as text. */
export function keepAddresses(multiaddrs: readonly string[]): string[] {
  return keepOfEach(multiaddrs, kindOf);
}
