import { type FileName, fileGeometry, type Submissions } from '@perigee/light-core/storage';
import {
  equal,
  FILE_SEGMENT_BYTES,
  FILE_STATUS,
  MAX_HELD_BYTES,
  PerigeeError,
  type SegmentUploadAnswer,
  type SegmentUploadRequest,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { LogFile } from '../log/kept-file.ts';
import type { WaitingFiles } from '../log/waiting-files.ts';
import type { UploadRoom } from './upload-room.ts';

export interface SegmentUploadServiceParts {
  readonly log: FileLog;
  readonly waiting: WaitingFiles;
  readonly submissions: Submissions;
  readonly room: UploadRoom;
}

/** Who asks. */
export interface Uploader {
  readonly peerId: string;
  readonly signal: AbortSignal;
}

/**
 * Takes segments of submitted files from anyone: who paid for a file, who has it, another node. Each is verified by the root and the length that the
 * chain's state proves, and on disk before the answer. Small files may come before their submission; then they wait in memory.
 */
export class SegmentUploadService {
  readonly #parts: SegmentUploadServiceParts;

  constructor(parts: SegmentUploadServiceParts) {
    this.#parts = parts;
  }

  /**
   * @throws INVALID_ARGUMENT (no file has this length), NOT_FOUND (no such submission), REFUSED (a segment of another shard, or another file of this
   *   number), SEGMENT_INDEX, SEGMENT_SIZE, FILE_PROOF, BUSY, STORE_FULL; nothing of a request that is refused is kept
   */
  async answer(request: SegmentUploadRequest, { peerId, signal }: Uploader): Promise<SegmentUploadAnswer> {
    fileGeometry(request.length);
    const { segments } = request;
    const file = await this.#fileOf(request, signal);
    if (file !== undefined) return this.#take(file, request, peerId);
    const { waiting } = this.#parts;
    waiting.put(request, segments, peerId);
    // the submission may have come while this was on its way
    const late = await this.#fileOf(request, signal);
    if (late === undefined) return this.#answerOf(undefined, request);
    await takeWaiting(late, this.#parts);
    return this.#answerOf(late, request);
  }

  async #take(file: LogFile, request: SegmentUploadRequest, peerId: string): Promise<SegmentUploadAnswer> {
    const { log, room } = this.#parts;
    await log.add(file);
    const { segments } = request;
    if (segments.length > 0) {
      // a file of which the shard has nothing was not added; whoever sends some of it is told so
      if (log.get(file.txSeq) === undefined) {
        throw new PerigeeError('REFUSED', 'no segment of this file is of the shard that is kept here');
      }
      if (segments.some(({ index }) => log.wants(file, index))) room.hold(peerId, file.txSeq, missingBytes(log, file));
      try {
        await log.write(file.txSeq, segments);
      } catch (error) {
        // whoever sends what is refused holds no room by it
        room.release(peerId, file.txSeq);
        throw error;
      }
    }
    if (log.status(file).finalized) room.release(peerId, file.txSeq);
    return this.#answerOf(file, request);
  }

  /** What the log knows it was told by the state, and need not be asked for again. */
  async #fileOf(request: SegmentUploadRequest, signal: AbortSignal): Promise<LogFile | undefined> {
    const { log, submissions } = this.#parts;
    const { txSeq } = request;
    if (txSeq === undefined) return submissions.find(request, signal);
    const file = log.get(txSeq) ?? (await submissions.byTxSeq(txSeq, signal));
    if (file === undefined) throw new PerigeeError('NOT_FOUND', `the chain knows no submission ${txSeq} yet`);
    if (!equal(file.root, request.root) || file.length !== request.length) {
      throw new PerigeeError('REFUSED', `submission ${txSeq} is of a file with another root or length`);
    }
    return file;
  }

  #answerOf(file: LogFile | undefined, request: SegmentUploadRequest): SegmentUploadAnswer {
    const { log, waiting } = this.#parts;
    const asks = request.segments.length === 0;
    const isNeedless = (index: number): boolean => (file === undefined ? waiting.has(request, index) : !log.wants(file, index));
    const held = asks ? { held: heldBits(request, isNeedless) } : {};
    if (file === undefined) return { status: FILE_STATUS.waiting, missing: waiting.missing(request), ...log.shard, ...held };
    const { finalized, missing } = log.status(file);
    const status = finalized ? FILE_STATUS.finalized : FILE_STATUS.open;
    return { status, txSeq: file.txSeq, missing, ...log.shard, ...held };
  }
}

/** What waited for a submission goes to the log. @throws STORE_FULL, INTERNAL */
export async function takeWaiting(
  file: LogFile,
  { log, waiting }: Pick<SegmentUploadServiceParts, 'log' | 'waiting'>,
): Promise<void> {
  await log.add(file);
  const wanted = waiting.take(file).filter(({ index }) => log.wants(file, index));
  if (wanted.length > 0) await log.write(file.txSeq, wanted);
}

function missingBytes(log: FileLog, file: LogFile): number {
  return Math.min(log.status(file).missing * FILE_SEGMENT_BYTES, file.length);
}

/** Which segments from `heldFrom` on need not be sent, as many as fit. */
function heldBits(
  { length, heldFrom }: FileName & { readonly heldFrom: number },
  isNeedless: (index: number) => boolean,
): Uint8Array {
  const count = Math.max(0, Math.min(fileGeometry(length).segments - heldFrom, 8 * MAX_HELD_BYTES));
  const held = new Uint8Array(Math.ceil(count / 8));
  for (let i = 0; i < count; i++) if (isNeedless(heldFrom + i)) held[i >> 3] = (held[i >> 3] ?? 0) | (1 << (i & 7));
  return held;
}
