import { type Shard, someSegmentOf } from '@perigee/light-core/storage';
import { PerigeeError, PROVIDER_PROOF_MS, type ProviderBody, type SegmentAnswer, type StoredFile } from '@perigee/wire';
import { limitedSignal } from '../abort.ts';
import { open } from '../client.ts';
import type { Host } from '../create-host.ts';
import { segmentsProtocol } from '../protocols.ts';
import { peerIdOfKey } from './peer-of-key.ts';

/** A file as the chain's state proves it. */
export type ProvedFile = Pick<StoredFile, 'root' | 'length' | 'startSector'>;

/** A node that has proved that it has a file. */
export interface Provider {
  readonly peerId: string;
  readonly multiaddrs: readonly string[];
  readonly shard: Shard;
  /** Its HTTP interface, by its own word. */
  readonly url: string | undefined;
}

export interface ProofParts {
  readonly host: Host;
  readonly file: ProvedFile;
  /** Checks that a segment is the file's. @throws FILE_PROOF, SEGMENT_SIZE, SEGMENT_INDEX */
  readonly check: (file: ProvedFile, answer: SegmentAnswer) => Promise<unknown>;
  /** A whole number from 0 to below the argument, from a CSPRNG. */
  readonly below: (end: number) => number;
  readonly signal: AbortSignal;
}

/**
 * Puts a node to the proof that says that it has a file: it must give a segment of its shard that it could not foresee.
 *
 * @param body of a record that was verified
 * @throws NOT_FOUND (it has not what it announced), FILE_PROOF, SEGMENT_SIZE, PARSE and others that say that it lies, and what the request throws
 */
export async function proveProvider(body: ProviderBody, { host, file, check, below, signal }: ProofParts): Promise<Provider> {
  const peerId = peerIdOfKey(body.key);
  const { multiaddrs, shardId, numShard, url } = body;
  const shard = { shardId, numShard };
  const index = someSegmentOf(shard, file, below);
  const none = new PerigeeError('NOT_FOUND', `node ${peerId} has not the segment that it should have`, { data: { peerId } });
  if (index === undefined) throw none;
  const request = { root: file.root, first: index, count: 1 };
  const until = limitedSignal(signal, PROVIDER_PROOF_MS);
  let given: SegmentAnswer | undefined;
  for await (const answer of open(host, { peerId, multiaddrs }, segmentsProtocol).call(request, { signal: until })) {
    if (given !== undefined || answer.index !== index) {
      throw new PerigeeError('PARSE', `node ${peerId} gave segment ${answer.index} where segment ${index} was asked for`);
    }
    given = answer;
  }
  if (given === undefined) throw none;
  await check(file, given);
  return { peerId, multiaddrs, shard, url };
}

/** Whether the error of a proof says that the node has not what it announced, by what it gave or by its own word; being away says nothing. */
export function disproves(error: PerigeeError): boolean {
  return DISPROVING.has(error.code);
}

const DISPROVING: ReadonlySet<string> = new Set([
  'NOT_FOUND',
  'UNSUPPORTED',
  'PARSE',
  'NOT_CANONICAL',
  'FRAME_TOO_LARGE',
  'SEGMENT_INDEX',
  'SEGMENT_SIZE',
  'FILE_PROOF',
]);
