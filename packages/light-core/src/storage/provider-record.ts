/** Who says that it has a file (docs/storage.md, "Finding holders"). */
import {
  concat,
  equal,
  MAX_FILE_SHARDS,
  PerigeeError,
  PROVIDER_CLOCK_SKEW_MS,
  PROVIDER_LIFETIME_MS,
  PROVIDER_VERSION,
  ProviderBody,
  type ProviderRecord,
  toHex,
  utf8,
} from '@perigee/wire';
import type { VerifyEd25519 } from '../signature/index.ts';
import { fileGeometry } from './geometry.ts';
import { checkStorageUrl } from './offer.ts';
import { checkShard, holdsSegment, type Shard } from './shards.ts';

const DOMAIN = utf8('perigee/storage/provider/v0');

/** What a node signs: `'perigee/storage/provider/v0' ‖ canonical ProviderBody`. */
export function providerSignBytes(body: ProviderBody): Uint8Array {
  return concat(DOMAIN, ProviderBody.encode(body));
}

/** What a provider record is checked against. */
export interface ProviderContext {
  readonly genesisHash: Uint8Array;
  /** Data root of the file that it is to be of. */
  readonly root: Uint8Array;
  /** Milliseconds since 1970. */
  readonly nowMs: number;
  readonly verifyEd25519: VerifyEd25519;
}

/**
 * Check a record that says that a node has a file. It is the node's word even then: it counts once the node has given a segment that it cannot know
 * it will be asked for.
 *
 * @returns the body
 * @throws WRONG_CHAIN, PROVIDER_RECORD (another version or file, too old, too long-lived, a shard or an address that there is not, a false signature)
 */
export async function verifyProviderRecord(
  { body, signature }: ProviderRecord,
  { genesisHash, root, nowMs, verifyEd25519 }: ProviderContext,
): Promise<ProviderBody> {
  const refuse = (words: string): never => {
    throw new PerigeeError('PROVIDER_RECORD', `provider record of key ${toHex(body.key)} ${words}`);
  };
  if (body.version !== PROVIDER_VERSION) refuse(`has version ${body.version}, not ${PROVIDER_VERSION}`);
  if (!equal(body.genesisHash, genesisHash)) throw new PerigeeError('WRONG_CHAIN', 'provider record is for another chain');
  if (!equal(body.root, root)) refuse(`is of file ${toHex(body.root)}`);
  if (body.expiry <= nowMs) refuse('has expired');
  if (body.expiry > nowMs + PROVIDER_LIFETIME_MS + PROVIDER_CLOCK_SKEW_MS) refuse('would hold for too long');
  if (body.multiaddrs.length === 0) refuse('names no address');
  try {
    checkShard(body);
    if (body.url !== undefined) checkStorageUrl(body.url);
  } catch (cause) {
    throw new PerigeeError('PROVIDER_RECORD', `provider record of key ${toHex(body.key)}: ${PerigeeError.from(cause).message}`, {
      cause,
    });
  }
  if (!(await verifyEd25519(body.key, providerSignBytes(body), signature))) refuse('is not signed with that key');
  return body;
}

/**
 * A segment of a file that is of a shard, chosen so that nobody can foresee it.
 *
 * @param below a whole number from 0 to below the argument, all alike likely, from a CSPRNG
 * @returns `undefined` when the shard has none of the file
 */
export function someSegmentOf(
  shard: Shard,
  { startSector, length }: { readonly startSector: number; readonly length: number },
  below: (end: number) => number,
): number | undefined {
  const { segments } = fileGeometry(length);
  const end = Math.min(segments, shard.numShard, MAX_FILE_SHARDS);
  let first = 0;
  while (first < end && !holdsSegment(shard, startSector, first)) first++;
  if (first >= end) return undefined;
  return first + shard.numShard * below(Math.floor((segments - 1 - first) / shard.numShard) + 1);
}
