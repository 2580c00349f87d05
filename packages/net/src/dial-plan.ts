import { CODE_P2P, type Multiaddr, multiaddr } from '@multiformats/multiaddr';
import { ADDRESS_STAGGER_MS, MAX_ADDRESS_BYTES, MAX_PEER_ADDRESSES, WEBSOCKET_FALLBACK_MS } from '@perigee/wire';
import { keepOfEach } from './keep-addresses.ts';
import { isPrivateAddress, type Transport, transportOf } from './transport.ts';

/** How to reach a peer: what a signed peer record, a bootstrap list or a pasted address says. */
export interface PeerAddress {
  /** Without it the peer is whoever answers (its key is then learned from the handshake). */
  readonly peerId?: string;
  readonly multiaddrs: readonly string[];
}

export interface Candidate {
  readonly address: Multiaddr;
  readonly transport: Transport;
  /** When it is dialled at the latest, milliseconds after the start. */
  readonly at: number;
}

export interface DialPlan {
  /** By time. */
  readonly candidates: readonly Candidate[];
  /** Why the other addresses are not dialled. */
  readonly refused: readonly string[];
  /** Why a transport that the peer offers cannot be used in this context. */
  readonly lacking: string | undefined;
}

/** What a context can dial. */
export interface DialAbilities {
  /** Transports, best first. */
  readonly preference: readonly Transport[];
  /** Why a transport that other contexts have is missing in this one. */
  readonly missing: Readonly<Partial<Record<Transport, string>>>;
}

/**
 * Preferred transport first, one address every ADDRESS_STAGGER_MS; the last of them, which is WebSocket in a browser, after WEBSOCKET_FALLBACK_MS, and those
 * between at equal steps.
 */
export function planDial(peer: PeerAddress, { preference, missing }: DialAbilities, allowPrivate: boolean): DialPlan {
  const refused: string[] = [];
  let lacking: string | undefined;
  const byTransport = new Map<Transport, Multiaddr[]>(preference.map((transport) => [transport, []]));
  for (const text of new Set(peer.multiaddrs)) {
    const address = parseAddress(text, peer.peerId);
    if (typeof address === 'string') {
      refused.push(`${text.slice(0, MAX_ADDRESS_BYTES)}: ${address}`);
      continue;
    }
    if (!allowPrivate && isPrivateAddress(address)) {
      refused.push(`${text}: private addresses are not dialled here`);
      continue;
    }
    const transport = transportOf(address);
    const list = transport === undefined ? undefined : byTransport.get(transport);
    if (list === undefined) {
      const why = transport === undefined ? undefined : missing[transport];
      lacking ??= why;
      refused.push(`${text}: ${why ?? 'a transport that we do not have'}`);
    } else list.push(address);
  }
  const candidates: Candidate[] = [];
  const offered = [...byTransport.values()].filter((addresses) => addresses.length > 0).length;
  const step = WEBSOCKET_FALLBACK_MS / Math.max(1, offered - 1);
  let rank = 0;
  for (const [transport, addresses] of byTransport) {
    if (addresses.length === 0) continue;
    for (const [i, address] of addresses.entries()) {
      candidates.push({ address, transport, at: rank * step + i * ADDRESS_STAGGER_MS });
    }
    rank++;
  }
  candidates.sort((a, b) => a.at - b.at);
  const kept = new Set(keepOfEach(candidates, ({ transport }) => transport));
  for (const candidate of candidates) {
    if (!kept.has(candidate)) refused.push(`${candidate.address}: more than ${MAX_PEER_ADDRESSES} addresses`);
  }
  return { candidates: candidates.filter((candidate) => kept.has(candidate)), refused, lacking };
}

/** The peer that the addresses name, if they name one. */
export function namedPeer(multiaddrs: readonly string[]): string | undefined {
  const names = new Set(multiaddrs.map((text) => /\/p2p\/([^/]+)$/.exec(text)?.[1]));
  return names.size === 1 ? [...names][0] : undefined;
}

/** @returns the address, or what is wrong with it */
function parseAddress(text: string, peerId: string | undefined): Multiaddr | string {
  if (text.length > MAX_ADDRESS_BYTES) return `longer than ${MAX_ADDRESS_BYTES} bytes`;
  try {
    const address = multiaddr(text);
    const named = address.getComponents().findLast(({ code }) => code === CODE_P2P)?.value;
    if (peerId === undefined || named === peerId) return address;
    return named === undefined ? address.encapsulate(`/p2p/${peerId}`) : `it names the peer ${named}`;
  } catch {
    return 'not a multiaddr';
  }
}
