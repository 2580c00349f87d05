import type { PeerView } from '@perigee/sampler';
import { count, milliseconds, shortPeer } from '../../format.ts';
import { placePeers, RINGS_MS, radiusOf } from '../../network/layout.ts';
import { transport } from '../../strings/index.ts';
import { network as words } from '../../strings/network/index.ts';

/** Peers around this page, as near as they answer soon. The table of peers says the same in words. */
export function PeerMap({ peers }: { readonly peers: readonly PeerView[] }) {
  const placed = placePeers(peers.filter(({ banned }) => banned === undefined));
  const connected = placed.filter(({ peer }) => peer.connected);
  return (
    <section class="card peer-map" aria-labelledby="peer-map-title">
      <h2 id="peer-map-title" class="label">
        {words.map}
      </h2>
      <svg viewBox="-110 -110 220 220" role="img" aria-label={words.mapText(count(connected.length), count(peers.length))}>
        {RINGS_MS.map((ms) => (
          <g key={ms} class="ring">
            <circle r={radiusOf(ms)} />
            <text y={-radiusOf(ms) - 2}>{milliseconds(ms)}</text>
          </g>
        ))}
        {connected.map(({ peer, x, y, width }) => (
          <line key={peer.peerId} x2={x} y2={y} stroke-width={width} />
        ))}
        {placed.map(({ peer, x, y }) => (
          <g key={peer.peerId} class="dot" data-connected={peer.connected} transform={`translate(${x} ${y})`}>
            <title>{`${shortPeer(peer.peerId)}, ${peer.transport === undefined ? words.away : transport[peer.transport]}`}</title>
            <circle r="4.5" />
            <text y={y < 0 ? -8 : 14}>{shortPeer(peer.peerId).slice(-5)}</text>
          </g>
        ))}
        <g class="dot own">
          <circle r="5.5" />
          <text y="15">{words.you}</text>
        </g>
      </svg>
      <p class="quiet">{words.mapNote}</p>
    </section>
  );
}
