import type { PeerView } from '@perigee/sampler';
import { count, keyOf, milliseconds, percent, sentence, shortKey, shortPeer, size } from '../format.ts';
import { NONE, transport, peers as words } from '../strings/index.ts';
import { ColumnHeads } from './ColumnHeads.tsx';
import { ScrollRegion } from './ScrollRegion.tsx';

export interface PeersProps {
  readonly peers: readonly PeerView[];
  readonly hasWebrtc: boolean;
}

const COLUMNS = [words.peer, words.operator, words.connection, words.latency, words.score, words.rows, words.traffic];

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
            <ColumnHeads names={COLUMNS} />
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
        {peer.roles.length === 0 ? null : <small>{words.hint(peer.roles.join(', '))}</small>}
        {peer.banned === undefined ? null : <small class="bad">{words.banned(sentence(peer.banned))}</small>}
        {peer.error === undefined || peer.connected ? null : <small class="bad">{sentence(peer.error)}</small>}
      </th>
      <td data-column={words.operator} class="mono" title={peer.member && keyOf(peer.member)}>
        {peer.member === undefined ? NONE : shortKey(peer.member)}
      </td>
      <td data-column={words.connection}>
        <Connection peer={peer} />
        {peer.address === undefined ? null : (
          <small class="mono address" title={peer.address}>
            {withoutHash(peer.address)}
          </small>
        )}
      </td>
      <td data-column={words.latency}>{peer.latencyMs === undefined ? NONE : milliseconds(peer.latencyMs)}</td>
      <td data-column={words.score}>{percent(peer.score)}</td>
      <td data-column={words.rows}>
        {words.verified(count(peer.rowsVerified))}
        <small class={peer.rowsFailed > 0 ? 'bad' : undefined}>{words.failed(count(peer.rowsFailed))}</small>
      </td>
      <td data-column={words.traffic}>
        {size(peer.bytesIn)}
        <small>{words.sent(size(peer.bytesOut))}</small>
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
