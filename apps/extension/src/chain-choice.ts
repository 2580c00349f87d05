import { parseTrustLink, parseTrustRoot } from '@perigee/light-core/comet';
import { isPeerMultiaddr, isPrivateMultiaddr } from '@perigee/net';
import { MAX_LINK_CHARACTERS, MAX_LINK_PEERS, MAX_TRUST_ROOT_CHARACTERS, PerigeeError, toHex } from '@perigee/wire';

/** What a person chose to believe in place of what came with the extension: the text of a chain file, or a trust link. */
export type ChainChoice =
  | { readonly kind: 'file'; readonly text: string }
  | { readonly kind: 'link'; readonly trust: string; readonly peers: readonly string[] };

/** What a choice asks a person to believe, in full. */
export interface ChosenChain {
  readonly choice: ChainChoice;
  readonly chainId: string;
  readonly height: number;
  /** Hexadecimal. */
  readonly headerHash: string;
  readonly peers: readonly string[];
  /** Some of the addresses are of this machine or its network. */
  readonly isLocal: boolean;
}

const SCHEME = /^web\+perigee:(\/\/)?/i;

/**
 * Reads what a person pasted or dropped: a chain file, or a link with `trust=<chainId>:<height>:<hash>` and addresses.
 *
 * @throws INVALID_ARGUMENT, TRUST_ROOT, UNKNOWN_VERSION
 */
export function readChoice(text: string): ChosenChain {
  const given = text.trim();
  if (given.startsWith('{')) return describeChoice({ kind: 'file', text: given });
  if (given.length > MAX_LINK_CHARACTERS)
    throw refusal(`a link has at most ${MAX_LINK_CHARACTERS} characters, and this has ${given.length}`);
  const link = given.replace(SCHEME, '');
  const peers: string[] = [];
  let trust: string | undefined;
  for (const part of link.slice(link.indexOf('#') + 1).split('&')) {
    const [, name, value = ''] = /^(\w+)=(.*)$/s.exec(decoded(part).trim()) ?? [];
    if (name === 'peer') peers.push(value);
    else if (name === 'trust' && trust === undefined) trust = value;
    else if (name !== undefined)
      throw refusal(`a trust link has no second or other part "${name.slice(0, 20)}"; it has trust=… and peer=…`);
  }
  if (trust === undefined) {
    throw refusal('this is neither a chain file, which begins with {, nor a link with trust=<chain id>:<height>:<header hash>');
  }
  return describeChoice({ kind: 'link', trust, peers });
}

/** @throws INVALID_ARGUMENT, TRUST_ROOT, UNKNOWN_VERSION */
export function describeChoice(choice: ChainChoice): ChosenChain {
  if (choice.kind === 'file') {
    if (choice.text.length > MAX_TRUST_ROOT_CHARACTERS)
      throw refusal(`a chain file has at most ${MAX_TRUST_ROOT_CHARACTERS} characters`);
    const { chainId, height, headerHash, peers } = parseTrustRoot(choice.text);
    return { choice, chainId, height, headerHash: toHex(headerHash), peers, isLocal: peers.some(isPrivateMultiaddr) };
  }
  const { trust, peers } = choice;
  if (peers.length > MAX_LINK_PEERS)
    throw refusal(`a link names at most ${MAX_LINK_PEERS} peers, and this names ${peers.length}`);
  const wrong = peers.find((peer) => !isPeerMultiaddr(peer));
  if (wrong !== undefined)
    throw refusal(`"${wrong.slice(0, 60)}" is no address of a peer: that begins with / and ends in /p2p/<peer id>`);
  const { chainId, height, headerHash } = parseTrustLink(trust);
  return { choice, chainId, height, headerHash: toHex(headerHash), peers, isLocal: peers.some(isPrivateMultiaddr) };
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new PerigeeError('INVALID_ARGUMENT', 'this link has a % that is not followed by two hexadecimal digits', { cause });
  }
}

function refusal(message: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', message);
}
