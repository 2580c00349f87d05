import type { PeerView } from '@perigee/sampler';

/** Latencies that have a ring, milliseconds. */
export const RINGS_MS = [10, 100, 1_000] as const;
const NEAREST_MS = 1;
const INNER = 16;
/** Radius of what answers in a second or later, and of what has not answered. */
export const OUTER = 88;
const MIN_WIDTH = 0.6;
const MAX_WIDTH = 5;

export interface PlacedPeer {
  readonly peer: PeerView;
  readonly x: number;
  readonly y: number;
  /** Of the line to it. */
  readonly width: number;
}

/** Places peers around the middle: by their ids all around, so that nobody jumps when another comes, and by latency outwards. */
export function placePeers(peers: readonly PeerView[]): PlacedPeer[] {
  const most = Math.max(1, ...peers.map(({ bytesIn }) => bytesIn));
  const inOrder = [...peers].sort((a, b) => (a.peerId < b.peerId ? -1 : 1));
  return inOrder.map((peer, i) => {
    const turn = (2 * Math.PI * (i + 0.25)) / inOrder.length;
    const radius = peer.latencyMs === undefined ? OUTER : radiusOf(peer.latencyMs);
    const width = MIN_WIDTH + (MAX_WIDTH - MIN_WIDTH) * Math.sqrt(peer.bytesIn / most);
    return { peer, x: radius * Math.cos(turn), y: radius * Math.sin(turn), width };
  });
}

/** The tenth part is a third of the way. */
export function radiusOf(latencyMs: number): number {
  const [least, most] = [Math.log10(NEAREST_MS), Math.log10(RINGS_MS[2])];
  const part = (Math.log10(Math.max(NEAREST_MS, latencyMs)) - least) / (most - least);
  return INNER + (OUTER - INNER) * Math.min(1, part);
}
