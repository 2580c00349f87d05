import type { PeerView } from '@perigee/sampler';
import { count, shortHex, shortPeer, size } from '../format.ts';
import { transport, peers as words } from '../strings/index.ts';
import { ScrollRegion } from './ScrollRegion.tsx';

export interface PeersProps {
  readonly peers: readonly PeerView[];
  readonly hasWebrtc: boolean;
}

export function Peers({ peers, hasWebrtc }: PeersProps) {
  return (
    <section class="card peers" aria-labelledby="peers-title">
      <h2 id="peers-title" class="label">
        {words.title}
      </h2>
      {hasWebrtc ? null : <p class="note">{words.noWebrtc}</p>}
      {peers.length === 0 ? (
        <p class="quiet empty">{words.none}</p>
      ) : (
        <ScrollRegion label={words.title}>
          <table>
            <thead>
              <tr>
                <th scope="col">{words.peer}</th>
                <th scope="col">{words.connection}</th>
                <th scope="col">{words.rows}</th>
              </tr>
            </thead>
            <tbody>
              {peers.map((peer) => (
                <Peer key={peer.peerId} peer={peer} />
              ))}
            </tbody>
          </table>
        </ScrollRegion>
      )}
    </section>
  );
}

function Peer({ peer }: { readonly peer: PeerView }) {
  return (
    <tr data-peer={peer.peerId} data-transport={peer.transport} data-connected={peer.connected}>
      <th scope="row">
        <span class="mono" title={peer.peerId}>
          {shortPeer(peer.peerId)}
        </span>
        {peer.member === undefined ? null : <small title={peer.member}>{words.member(shortHex(peer.member))}</small>}
        {peer.roles.length === 0 ? null : <small>{words.hint(peer.roles.join(', '))}</small>}
        {peer.banned === undefined ? null : <small class="bad">{words.banned(peer.banned)}</small>}
        {peer.error === undefined || peer.connected ? null : <small class="bad">{peer.error}</small>}
      </th>
      <td>
        <Connection peer={peer} />
        {peer.address === undefined ? null : (
          <small class="mono address" title={peer.address}>
            {withoutHash(peer.address)}
          </small>
        )}
      </td>
      <td>
        {words.verified(count(peer.rowsVerified))}
        <small class={peer.rowsFailed > 0 ? 'bad' : undefined}>{words.failed(count(peer.rowsFailed))}</small>
        <small>{words.received(size(peer.bytesIn))}</small>
      </td>
    </tr>
  );
}

function Connection({ peer }: { readonly peer: PeerView }) {
  if (!peer.connected || peer.transport === undefined) return words.offline;
  const name = transport[peer.transport];
  return peer.fallback === undefined ? name : <span class="fallback">{words.fallback(name, peer.fallback)}</span>;
}

/** Where the peer is; the certificate hash behind it is forty characters that nobody reads here. */
function withoutHash(address: string): string {
  return address.replace(/\/(certhash|p2p)\/.*/, '');
}
