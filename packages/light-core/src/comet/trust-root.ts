import {
  fromHex,
  MAX_ADDRESS_BYTES,
  MAX_CHAIN_ID_BYTES,
  MAX_TRUST_ROOT_CHARACTERS,
  MAX_TRUST_ROOT_PEERS,
  PerigeeError,
  type Timestamp,
  toHex,
  utf8,
} from '@perigee/wire';
import { jsonHex, jsonList, jsonNumber, jsonObject, jsonText } from './json-value.ts';
import { formatTime, isTimestamp, parseTime } from './time.ts';

const VERSION = 1;

/** The one header that is believed without proof (PROTOCOL §5). */
export interface TrustAnchor {
  /** Ends in the first eight hexadecimal digits of the genesis hash. */
  readonly chainId: string;
  readonly height: number;
  /** Of the header at `height`, 32 bytes. */
  readonly headerHash: Uint8Array;
  /** Of that header, where it is known before the header. */
  readonly time?: Timestamp;
}

/** The anchor that comes with the program, never from a peer. */
export interface TrustRoot extends TrustAnchor {
  /** 32 bytes. */
  readonly genesisHash: Uint8Array;
  readonly time: Timestamp;
  /** Addresses to dial first, as multiaddr text. They are no part of the trust. */
  readonly peers: readonly string[];
}

/**
 * Reads `/perigee-chain.json`.
 *
 * @param text the file
 * @throws TRUST_ROOT when it is not a trust root or contradicts itself; UNKNOWN_VERSION when a newer program wrote it
 */
export function parseTrustRoot(text: string): TrustRoot {
  if (text.length > MAX_TRUST_ROOT_CHARACTERS) {
    throw new PerigeeError(
      'TRUST_ROOT',
      `the trust root has ${text.length} characters; at most ${MAX_TRUST_ROOT_CHARACTERS} are allowed`,
    );
  }
  let root: TrustRoot;
  try {
    root = readTrustRoot(JSON.parse(text));
  } catch (cause) {
    if (cause instanceof PerigeeError && cause.code !== 'PARSE') throw cause;
    const why = cause instanceof Error ? cause.message : String(cause);
    throw new PerigeeError('TRUST_ROOT', `the trust root cannot be read: ${why}`, { cause });
  }
  checkTrustRoot(root);
  return root;
}

/** Writes `/perigee-chain.json`. @throws TRUST_ROOT for what could not be read back */
export function formatTrustRoot(root: TrustRoot): string {
  checkTrustRoot(root);
  const { chainId, height, peers } = root;
  const file = {
    version: VERSION,
    chainId,
    genesisHash: toHex(root.genesisHash),
    height,
    headerHash: toHex(root.headerHash),
    time: formatTime(root.time),
    peers,
  };
  return `${JSON.stringify(file, null, 2)}\n`;
}

function readTrustRoot(value: unknown): TrustRoot {
  const json = jsonObject(value, 'trust root');
  if (json.version !== VERSION) {
    throw new PerigeeError(
      'UNKNOWN_VERSION',
      `the trust root has version ${JSON.stringify(json.version)}; only ${VERSION} is known`,
    );
  }
  return {
    chainId: jsonText(json.chainId, 'chainId'),
    genesisHash: fromHex(jsonText(json.genesisHash, 'genesisHash'), 32),
    height: jsonNumber(json.height, 'height'),
    headerHash: jsonHex(json.headerHash, 'headerHash'),
    time: parseTime(jsonText(json.time, 'time')),
    peers: jsonList(json.peers ?? [], 'peers').map((peer) => jsonText(peer, 'peer address')),
  };
}

function checkTrustRoot(root: TrustRoot): void {
  const refuse = (why: string): never => {
    throw new PerigeeError('TRUST_ROOT', `the trust root ${why}`);
  };
  const suffix = `-${toHex(root.genesisHash.subarray(0, 4))}`;
  if (!root.chainId.endsWith(suffix))
    refuse(`is for chain "${root.chainId}", whose genesis hash would not begin with ${suffix.slice(1)}`);
  if (utf8(root.chainId).length > MAX_CHAIN_ID_BYTES) refuse(`has a chain id of more than ${MAX_CHAIN_ID_BYTES} bytes`);
  if (root.genesisHash.length !== 32 || root.headerHash.length !== 32) refuse('has a hash that is not 32 bytes');
  if (!Number.isSafeInteger(root.height) || root.height < 1) refuse(`has height ${root.height}; heights start at 1`);
  if (!isTimestamp(root.time)) refuse('has a time outside the years 1 to 9999');
  if (root.peers.length > MAX_TRUST_ROOT_PEERS)
    refuse(`names ${root.peers.length} peers; at most ${MAX_TRUST_ROOT_PEERS} are allowed`);
  if (root.peers.some((peer) => utf8(peer).length > MAX_ADDRESS_BYTES))
    refuse(`has a peer address of more than ${MAX_ADDRESS_BYTES} bytes`);
}
