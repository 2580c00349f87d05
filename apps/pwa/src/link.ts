import { BLOB_VERSION, MAX_ADDRESS_BYTES, MAX_LINK_CHARACTERS, MAX_LINK_PEERS, PerigeeError } from '@perigee/wire';
import { shownText } from './files/names.ts';
import type { TrustRequest } from './model.ts';

/**
 * What an address of this page, or a text that somebody pasted, asks for. In an address it stands after `#`, so that no server hears of it:
 * `#<blob id>`, `#trust=<chainId>:<height>:<hash>`, or both, and `&peer=<multiaddr>` some times.
 */
export interface Link {
  /** Hexadecimal, 33 bytes. */
  readonly blobId: string | undefined;
  /** Another chain to believe, as text that is not read yet. */
  readonly trust: string | undefined;
  /** Addresses to dial. They add peers, never trust (PROTOCOL §5). */
  readonly peers: readonly string[];
}

const COMMITMENT_DIGITS = 64;
const BLOB_ID_DIGITS = 66;
const VERSION_DIGITS = BLOB_VERSION.toString(16).padStart(2, '0');

/**
 * Reads a link, the part of it after `#`, a blob id or a commitment.
 *
 * @throws INVALID_ARGUMENT that says what is wrong; BLOB_VERSION for a blob id of another version
 */
export function parseLink(text: string): Link {
  if (text.length > MAX_LINK_CHARACTERS) {
    throw refusal(`this link has ${text.length} characters; at most ${MAX_LINK_CHARACTERS} are read`);
  }
  const link: { blobId: string | undefined; trust: string | undefined; peers: string[] } = {
    blobId: undefined,
    trust: undefined,
    peers: [],
  };
  const parts = text.slice(text.indexOf('#') + 1).split('&');
  for (const part of parts.map((escaped) => decoded(escaped).trim())) {
    const [, name = '', value = ''] = /^(\w+)=(.*)$/s.exec(part) ?? [];
    if (name === 'peer') link.peers.push(peerOf(value));
    else if (name === 'trust' && link.trust === undefined) link.trust = value;
    else if (name !== '') throw refusal(`a link has no part "${shownText(name, 20)}" here; it has a blob id, trust=… or peer=…`);
    else if (link.blobId === undefined) link.blobId = blobIdOf(part);
    else throw refusal('this link names two blobs; one link opens one');
  }
  if (link.peers.length > MAX_LINK_PEERS) {
    throw refusal(`this link names ${link.peers.length} peers; at most ${MAX_LINK_PEERS} are taken`);
  }
  return link;
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

/** What the address of the page asks for; nothing where it cannot be read. */
export function linkOf(page: string): Link {
  try {
    if (page.includes('#')) return parseLink(page);
  } catch {
    // it was refused when it was opened
  }
  return { blobId: undefined, trust: undefined, peers: [] };
}

/** Address of this page that asks for what `link` says. */
export function addressOf({ blobId, trust, peers }: Link, page: string): string {
  const parts = [
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

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new PerigeeError('INVALID_ARGUMENT', 'this link has a % that is not followed by two hexadecimal digits', { cause });
  }
}

function blobIdOf(part: string): string {
  const digits = part.replace(/^0x/i, '').toLowerCase();
  if (digits === '') throw refusal('there is nothing to open: paste a blob id, a commitment, or a link with one');
  const wrong = /[^0-9a-f]/u.exec(digits);
  if (wrong !== null) {
    const place = `"${shownText(wrong[0]) || '?'}" at place ${wrong.index + 1}`;
    throw refusal(`a blob id has only the digits 0 to 9 and a to f, and this text has ${place}`);
  }
  if (digits.length === COMMITMENT_DIGITS) return VERSION_DIGITS + digits;
  if (digits.length !== BLOB_ID_DIGITS) {
    const due = `a blob id has ${BLOB_ID_DIGITS} hexadecimal digits, a commitment ${COMMITMENT_DIGITS}`;
    throw refusal(`${due}, and this text has ${digits.length}: a part of it is missing, or there is too much`);
  }
  if (digits.startsWith(VERSION_DIGITS)) return digits;
  const version = digits.slice(0, 2);
  throw new PerigeeError('BLOB_VERSION', `this is a blob of version ${version}, and this page knows only ${VERSION_DIGITS}`);
}

function peerOf(address: string): string {
  if (address.length > MAX_ADDRESS_BYTES || !/^(\/[\w.:%-]+)+\/p2p\/[A-Za-z0-9]+$/.test(address)) {
    const due = `at most ${MAX_ADDRESS_BYTES} characters that begin with / and end in /p2p/<peer id>`;
    throw refusal(`"${shownText(address, 60)}" is no address of a peer: that has ${due}`);
  }
  return address;
}

function refusal(message: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', message);
}
