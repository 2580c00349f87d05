import type { TrustRequest } from '../model/index.ts';
import { VIEWS, type ViewName, viewOf } from './views.ts';

/**
 * What an address of this page, or a text that somebody pasted, asks for. In an address it stands after `#`, so that no server hears of it:
 * `#<blob id>`, `#trust=<chainId>:<height>:<hash>`, or both, and `&peer=<multiaddr>` some times. `/<view>` may stand first.
 */
export interface Link {
  /** The part of the page to be shown; `undefined` for the first one. */
  readonly view?: ViewName | undefined;
  /** Hexadecimal, 33 bytes. */
  readonly blobId: string | undefined;
  /** Another chain to believe, as text that is not read yet. */
  readonly trust: string | undefined;
  /** Addresses to dial. They add peers, never trust (PROTOCOL §5). */
  readonly peers: readonly string[];
}

/**
 * Address of this page that opens a blob of the chain that it shows.
 *
 * @param trusted that chain, where a link named it: who opens the blob has to be asked to believe it too
 * @param page its address now; what that asks for counts for nothing, since it may have been refused
 */
export function linkTo(blobId: string, trusted: TrustRequest | undefined, page: string): string {
  if (trusted === undefined) return addressOf({ blobId, trust: undefined, peers: [] }, page);
  const { chainId, height, headerHash, peers } = trusted;
  return addressOf({ blobId, trust: `${chainId}:${height}:${headerHash}`, peers }, page);
}

/** The view that the address of the page names, and what it asks for besides, as text. */
export function splitAddress(page: string): { readonly view: ViewName; readonly rest: string } {
  const [, hash = ''] = /#(.*)$/s.exec(page) ?? [];
  const [first = '', ...others] = hash.split('&');
  const view = viewOf(first);
  return view === undefined ? { view: VIEWS[0], rest: hash } : { view, rest: others.join('&') };
}

/** The same address with another view. */
export function withView(view: ViewName, page: string): string {
  const { rest } = splitAddress(page);
  const parts = [...(view === VIEWS[0] ? [] : [`/${view}`]), ...(rest === '' ? [] : [rest])];
  const [address = ''] = page.split('#', 1);
  return parts.length === 0 ? address : `${address}#${parts.join('&')}`;
}

/** Address of this page that asks for what `link` says. */
export function addressOf({ view, blobId, trust, peers }: Link, page: string): string {
  const parts = [
    ...(view === undefined || view === VIEWS[0] ? [] : [`/${view}`]),
    ...(blobId === undefined ? [] : [blobId]),
    ...(trust === undefined ? [] : [`trust=${encodePart(trust)}`]),
    ...peers.map((peer) => `peer=${encodePart(peer)}`),
  ];
  const address = page.split('#', 1)[0] ?? '';
  return parts.length === 0 ? address : `${address}#${parts.join('&')}`;
}

/** What would end a part is escaped, and what people read is not. */
function encodePart(text: string): string {
  return text.replace(/[%&#\s]/g, encodeURIComponent);
}
