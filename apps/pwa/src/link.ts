import { BLOB_VERSION, MAX_ADDRESS_BYTES, MAX_LINK_CHARACTERS, MAX_LINK_PEERS, PerigeeError } from '@perigee/wire';
import { shownText } from './files/names.ts';
import type { Link } from './navigation/address.ts';
import { VIEWS, type ViewName, viewOf } from './navigation/views.ts';

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
  const link: { view?: ViewName | undefined; blobId: string | undefined; trust: string | undefined; peers: string[] } = {
    blobId: undefined,
    trust: undefined,
    peers: [],
  };
  const parts = text.slice(text.indexOf('#') + 1).split('&');
  for (const [place, part] of parts.map((escaped) => decoded(escaped).trim()).entries()) {
    if (place === 0 && part.startsWith('/')) {
      link.view = viewOf(part);
      if (link.view !== undefined) continue;
      throw refusal(`this page has no view "${shownText(part.slice(1), 20)}"; it has ${VIEWS.join(', ')}`);
    }
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

/** What the address of the page asks for; nothing where it cannot be read. */
export function linkOf(page: string): Link {
  try {
    if (page.includes('#')) return parseLink(page);
  } catch {
    // it was refused when it was opened
  }
  return { blobId: undefined, trust: undefined, peers: [] };
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
