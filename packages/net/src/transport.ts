import { isPrivate } from '@libp2p/utils';
import { type Multiaddr, multiaddr } from '@multiformats/multiaddr';

/** `webrtc` is that between two browsers, which a relay has introduced to each other. */
export type Transport = 'tcp' | 'websocket' | 'webrtc-direct' | 'webtransport' | 'webrtc';

/** The transport that an address speaks of; `undefined` for one that we do not have. */
export function transportOf(address: Multiaddr): Transport | undefined {
  const names = address.getComponents().map(({ name }) => name);
  if (names.includes('webrtc')) return 'webrtc';
  if (names.includes('p2p-circuit')) return undefined;
  if (names.includes('webrtc-direct')) return 'webrtc-direct';
  // its certificate is known by the hashes in the address alone
  if (names.includes('webtransport')) return names.includes('certhash') ? 'webtransport' : undefined;
  if (names.includes('ws') || names.includes('wss')) return 'websocket';
  return names.at(1) === 'tcp' ? 'tcp' : undefined;
}

/** `transportOf` of an address as text; what is no address has none. */
export function kindOf(text: string): Transport | undefined {
  try {
    return transportOf(multiaddr(text));
  } catch {
    return undefined;
  }
}

const LOCAL_NAMES = /(^|\.)(localhost|local|internal)\.?$/i;

/**
 * Whether an address leads into a machine's own network. A peer that names such an address could make a browser knock on its owner's
 * router or on local services, so it is only dialled where the host was made for it.
 */
export function isPrivateAddress(address: Multiaddr): boolean {
  return (
    isPrivate(address) ||
    address.getComponents().some(({ name, value }) => name.startsWith('dns') && LOCAL_NAMES.test(value ?? ''))
  );
}

/** Whether a text is an address that says which peer is there. */
export function isPeerMultiaddr(text: string): boolean {
  try {
    return multiaddr(text).getComponents().at(-1)?.name === 'p2p';
  } catch {
    return false;
  }
}

/** `isPrivateAddress` of an address as text; what is no address leads nowhere. */
export function isPrivateMultiaddr(text: string): boolean {
  try {
    return isPrivateAddress(multiaddr(text));
  } catch {
    return false;
  }
}
