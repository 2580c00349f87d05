import { genesisPrefixOf, parseTrustLink, parseTrustRoot, type TrustAnchor, unixMs } from '@perigee/light-core/comet';
import { equal, PerigeeError, TRUSTING_PERIOD_MS } from '@perigee/wire';

/** What a light node believes from the start. */
export interface Trust {
  readonly anchor: TrustAnchor;
  /** 32 bytes; `undefined` where a link names no more of it than the chain id carries, until the state has proved it. */
  readonly genesisHash: Uint8Array | undefined;
  /** Addresses that came with it. */
  readonly peers: readonly string[];
}

/**
 * Reads the one thing that is believed. There is no trust on first use (PROTOCOL §5).
 *
 * @throws TRUST_EXPIRED when there is none, TRUST_ROOT, UNKNOWN_VERSION; INVALID_ARGUMENT for two
 */
export function readTrust({ trustRoot, trustLink }: { readonly trustRoot?: string; readonly trustLink?: string }): Trust {
  if (trustRoot !== undefined && trustLink !== undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a trust root and a trust link were given: a light node believes one');
  }
  if (trustLink !== undefined) return { anchor: parseTrustLink(trustLink), genesisHash: undefined, peers: [] };
  if (trustRoot === undefined) {
    throw new PerigeeError('TRUST_EXPIRED', 'there is no trust root; get one from a source you trust');
  }
  const { genesisHash, peers, ...anchor } = parseTrustRoot(trustRoot);
  return { anchor, genesisHash, peers };
}

/** Why it can vouch for nothing any more; `undefined` while it can, or its time is not known yet. */
export function trustExpiry({ anchor: { time } }: Trust, nowMs: number): PerigeeError | undefined {
  if (time === undefined || unixMs(time) + TRUSTING_PERIOD_MS > nowMs) return undefined;
  return new PerigeeError(
    'TRUST_EXPIRED',
    `the trust root is of ${new Date(unixMs(time)).toISOString()}, longer ago than the trusting period; get a newer one from a source you trust`,
  );
}

/** Whether a chain of this genesis hash is the one, as far as can be told. */
export function isChainOf({ anchor, genesisHash }: Trust, given: Uint8Array): boolean {
  return genesisHash === undefined ? equal(given.subarray(0, 4), genesisPrefixOf(anchor.chainId)) : equal(given, genesisHash);
}
