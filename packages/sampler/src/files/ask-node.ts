import { checkShard, fileGeometry, type Shard } from '@perigee/light-core/storage';
import { FILE_STATUS, MAX_HELD_BYTES, PerigeeError, type SegmentUploadAnswer, type StoredFile } from '@perigee/wire';
import type { FilePeer } from './parts.ts';

/** Segments that one answer tells of. */
const PER_PAGE = 8 * MAX_HELD_BYTES;

/** What a node says of a submission. That is its word: what comes from it is verified. */
export interface NodeWord {
  readonly shard: Shard;
  readonly answer: SegmentUploadAnswer;
  /** Whether a segment need not be sent: it is there, or of another shard. */
  readonly needless: (index: number) => boolean;
}

/**
 * Asks a node what it has of a submission.
 *
 * @throws what the request throws; NOT_FOUND while it knows of no such submission; PARSE when what it says makes no sense
 */
export async function askNode(peer: FilePeer, file: StoredFile, signal: AbortSignal): Promise<NodeWord> {
  const { txSeq, root, length } = file;
  const ask = (heldFrom: number): Promise<SegmentUploadAnswer> =>
    peer.uploadSegments({ txSeq, root, length, segments: [], heldFrom }, { signal });
  const answer = await ask(0);
  const shard = shardOf(answer);
  if (answer.status === FILE_STATUS.waiting) throw new PerigeeError('NOT_FOUND', 'it does not know of the submission yet');
  if (answer.status === FILE_STATUS.finalized) return { shard, answer, needless: () => true };
  const { segments } = fileGeometry(length);
  const pages = [pageOf(answer, segments, 0)];
  for (let from = PER_PAGE; from < segments; from += PER_PAGE) pages.push(pageOf(await ask(from), segments, from));
  const needless = (index: number): boolean => {
    const bit = index % PER_PAGE;
    return (((pages[Math.floor(index / PER_PAGE)]?.[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
  };
  return { shard, answer, needless };
}

/** @throws PARSE */
function pageOf({ held }: SegmentUploadAnswer, segments: number, from: number): Uint8Array {
  const due = Math.ceil(Math.min(PER_PAGE, segments - from) / 8);
  if (held?.length === due) return held;
  throw new PerigeeError('PARSE', `it says of ${held?.length ?? 0} bytes of segments whether it has them; ${due} are due`);
}

/** The shard that a node names. @throws PARSE when there is none such */
function shardOf({ shardId, numShard }: SegmentUploadAnswer): Shard {
  try {
    return checkShard({ shardId, numShard });
  } catch (cause) {
    throw new PerigeeError('PARSE', `it keeps shard ${shardId} of ${numShard}, which there is none of`, { cause });
  }
}
