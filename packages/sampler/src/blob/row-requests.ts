import { MAX_REQUEST_ROW_BYTES } from '@perigee/wire';
import type { Peer } from '../peers/peer.ts';

/** A drawn row that has no verdict yet. */
export interface OpenRow {
  readonly index: number;
  /** Committee addresses of its holders, hexadecimal: an index is shown to these first (PROTOCOL §4). */
  readonly holders: readonly string[];
  /** Peers that were asked, by peer id. */
  readonly asked: Set<string>;
  /** Its verdict should nobody give it: what became of it so far. */
  otherwise: 'timeout' | 'withheld' | 'invalid/peer';
}

/** Rows to ask one peer for, in one request. */
export interface RowRequest {
  readonly peer: Peer;
  readonly rows: readonly OpenRow[];
}

/**
 * Whom to ask next for each open row: a holder that was not asked yet, spread over holders; once no holder is left to ask, any other
 * committee member. A row is asked of one peer at a time. Rows for which nobody can be asked are in no request.
 *
 * @param patient whether to wait for holders that cannot be reached at this moment instead of showing their rows to others
 */
export function planRequests(open: readonly OpenRow[], peers: readonly Peer[], rowSize: number, patient: boolean): RowRequest[] {
  const perRequest = Math.max(1, Math.floor(MAX_REQUEST_ROW_BYTES / rowSize));
  const members = peers.filter((peer) => peer.usable && peer.member !== undefined);
  const reachable = new Set(members.map((peer) => peer.member));
  const byPeer = new Map<Peer, OpenRow[]>();
  for (const row of open) {
    const fresh = members.filter((peer) => !row.asked.has(peer.id));
    const holders = fresh.filter((peer) => row.holders.includes(peer.member as string));
    if (holders.length === 0 && patient && row.holders.some((holder) => !reachable.has(holder))) continue;
    const choice = leastLoaded(holders.length > 0 ? holders : fresh, byPeer);
    if (choice !== undefined) byPeer.set(choice, [...(byPeer.get(choice) ?? []), row]);
  }
  const requests: RowRequest[] = [];
  for (const [peer, rows] of byPeer) {
    for (let at = 0; at < rows.length; at += perRequest) requests.push({ peer, rows: rows.slice(at, at + perRequest) });
  }
  return requests;
}

function leastLoaded(peers: readonly Peer[], load: ReadonlyMap<Peer, readonly OpenRow[]>): Peer | undefined {
  let best: Peer | undefined;
  for (const peer of peers) {
    if (best === undefined || (load.get(peer)?.length ?? 0) < (load.get(best)?.length ?? 0)) best = peer;
  }
  return best;
}
