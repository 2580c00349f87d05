import { fromHex, MAX_CHAIN_ID_BYTES, PerigeeError, toHex } from '@perigee/wire';
import type { TrustAnchor } from './trust-root.ts';

const PREFIX = '#trust=';
/** A chain id holds no colon, so the parts are told apart. */
const LINK = /^([A-Za-z0-9._-]{1,41}-[0-9a-f]{8}):([1-9][0-9]{0,15}):([0-9a-f]{64})$/;

/** All but the genesis hash, which ties a name to one chain. */
const UNTIED = /^(?!.{0,41}-[0-9a-f]{8}:)[A-Za-z0-9._-]{1,50}:[1-9][0-9]{0,15}:[0-9a-f]{64}$/;

/**
 * Reads `<chainId>:<height>:<hash>`, the way in which a person hands on a header to be trusted (PROTOCOL §5). It names no genesis hash beyond the
 * digits in the chain id: the state under that header has to prove one that begins so.
 *
 * @param text with or without `#trust=` before it
 * @throws TRUST_ROOT
 */
export function parseTrustLink(text: string): TrustAnchor {
  const link = text.startsWith(PREFIX) ? text.slice(PREFIX.length) : text;
  const [, chainId = '', digits, hash = ''] = LINK.exec(link) ?? [];
  const height = Number(digits);
  if (UNTIED.test(link)) {
    const words = `the chain id "${link.slice(0, link.indexOf(':'))}" of this link does not end in "-" and the first 8 hexadecimal digits of its genesis hash`;
    throw new PerigeeError('TRUST_ROOT', words);
  }
  if (chainId.length > MAX_CHAIN_ID_BYTES || !Number.isSafeInteger(height)) {
    throw new PerigeeError(
      'TRUST_ROOT',
      `"${text.slice(0, 160)}" is no trust link; it reads <chain id>:<height>:<header hash>, the hash in 64 hexadecimal digits`,
    );
  }
  return { chainId, height, headerHash: fromHex(hash, 32) };
}

/** What `parseTrustLink` reads, without `#trust=`. @throws TRUST_ROOT for what could not be read back */
export function formatTrustLink({ chainId, height, headerHash }: TrustAnchor): string {
  const text = `${chainId}:${height}:${toHex(headerHash)}`;
  parseTrustLink(text);
  return text;
}

/** The first bytes of the genesis hash, as a chain id of ours carries them. */
export function genesisPrefixOf(chainId: string): Uint8Array {
  return fromHex(chainId.slice(-8), 4);
}
