import { MAX_REQUEST_ROW_BYTES } from '@perigee/wire';
import type { Peer } from '../peers/peer.ts';

/** A drawn row that has no verdict yet. */
export interface OpenRow {
  readonly index: number;
  /** Committee addresses of its holders, hexadecimal: an index is shown to these first (PROTOCOL §4). */
  readonly holders: readonly string[];
  /** Peers that need not be asked any more, by peer id. */
  readonly asked: Set<string>;
  /** Holders that the question has reached. */
  readonly reached: Set<string>;
  /** Times that each peer was too busy to give it, by peer id. */
  readonly busy: Map<string, number>;
  /** Not to be asked for before, milliseconds since 1970: a holder was busy. */
  notBefore: number;
  /** Its verdict should nobody give it: what became of it so far. */
  otherwise: 'timeout' | 'withheld' | 'invalid/peer';
  /** It came, and could not be looked at: who gave it did not keep it. */
  isUnseen: boolean;
}

export function openRow(index: number, holders: readonly string[]): OpenRow {
  return {
    index,
    holders,
    asked: new Set(),
    reached: new Set(),
    busy: new Map(),
    notBefore: 0,
    otherwise: 'timeout',
    isUnseen: false,
  };
}

/** Rows to ask one peer for, in one request. */
export interface RowRequest {
  readonly peer: Peer;
  readonly rows: readonly OpenRow[];
}

export interface PlanOptions {
  /** Milliseconds since 1970. */
  readonly now: number;
  readonly rowSize: number;
  /** Whether a committee member that cannot be reached at this moment is waited for, so that its rows are not shown to others. */
  readonly isAwaited: (member: string) => boolean;
}

/**
 * Whom to ask next for each open row: a holder that was not asked yet; once no holder is left to ask, any page, and then any other committee
 * member. Among those who may be asked, rows are spread, the more to a peer the better it did lately. A row is asked of one peer at a time. Rows for which nobody can be
 * asked are in no request.
 *
 * @returns `waits`: some rows are in no request now and may be in one later
 */
export function planRequests(
  open: readonly OpenRow[],
  peers: readonly Peer[],
  { now, rowSize, isAwaited }: PlanOptions,
): { readonly requests: RowRequest[]; readonly waits: boolean } {
  const perRequest = Math.max(1, Math.floor(MAX_REQUEST_ROW_BYTES / rowSize));
  const usable = peers.filter((peer) => peer.usable && (peer.members.size > 0 || peer.isPage));
  const members = usable.filter((peer) => peer.members.size > 0);
  const reachable = new Set(members.flatMap((peer) => [...peer.members]));
  const byPeer = new Map<Peer, OpenRow[]>();
  let waits = false;
  for (const row of open) {
    const fresh = usable.filter((peer) => !row.asked.has(peer.id));
    const holders = fresh.filter((peer) => holderOf(row, peer) !== undefined);
    const pages = fresh.filter((peer) => peer.isPage);
    const comes = holders.length === 0 && row.holders.some((holder) => !reachable.has(holder) && isAwaited(holder));
    if (row.notBefore > now || comes) {
      waits = true;
      continue;
    }
    const choice = cheapest(holders.length > 0 ? holders : pages.length > 0 ? pages : fresh, byPeer);
    if (choice !== undefined) byPeer.set(choice, [...(byPeer.get(choice) ?? []), row]);
  }
  const requests: RowRequest[] = [];
  for (const [peer, rows] of byPeer) {
    for (let at = 0; at < rows.length; at += perRequest) requests.push({ peer, rows: rows.slice(at, at + perRequest) });
  }
  return { requests, waits };
}

/** The holder of a row that this peer is, if it is one. */
export function holderOf(row: OpenRow, peer: Peer): string | undefined {
  return row.holders.find((holder) => peer.members.has(holder));
}

function cheapest(peers: readonly Peer[], load: ReadonlyMap<Peer, readonly OpenRow[]>): Peer | undefined {
  let best: { readonly peer: Peer; readonly cost: number } | undefined;
  for (const peer of peers) {
    const cost = ((load.get(peer)?.length ?? 0) + 1) * peer.track.cost;
    if (best === undefined || cost < best.cost) best = { peer, cost };
  }
  return best?.peer;
}
