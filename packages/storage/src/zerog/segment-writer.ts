import { fileGeometry } from '@perigee/light-core/storage';
import type { Caller } from '@perigee/net/http';
import { equal, MAX_HTTP_WRITINGS, MAX_WAITING_FILE_BYTES, type StoredFile, toHex } from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import { layoutFor } from '../log/kept-file.ts';
import { slotOf } from '../log/segment-file-format.ts';
import type { StorageNode } from '../node/index.ts';
import type { Files } from './files.ts';
import type { UploadedSegment } from './params.ts';
import { internalError, invalidParam, ZGS_REASON } from './rpc-error.ts';

export interface SegmentWriterParts {
  readonly node: Pick<StorageNode, 'take'>;
  readonly log: FileLog;
  readonly files: Files;
}

/** Takes segments from 0G's clients: their rules, and their words for what is refused. */
export class SegmentWriter {
  readonly #parts: SegmentWriterParts;
  #running = 0;

  constructor(parts: SegmentWriterParts) {
    this.#parts = parts;
  }

  /**
   * @param txSeq whose segments they are; without it those of the latest file of their root
   * @param mayRepeat whether segments that are there already are passed over, and not an error
   * @returns how many of them are there now: a number, because some clients take nothing for a failure
   * @throws RpcError, and what `StorageNode.take` throws
   */
  async write(
    segments: readonly UploadedSegment[],
    txSeq: number | undefined,
    mayRepeat: boolean,
    caller: Caller,
  ): Promise<number> {
    if (this.#running >= MAX_HTTP_WRITINGS) throw internalError(`${ZGS_REASON.busy}: ${MAX_HTTP_WRITINGS}`);
    this.#running++;
    try {
      for (const group of byFile(segments)) await this.#writeOfOne(group, txSeq, mayRepeat, caller);
      return segments.length;
    } finally {
      this.#running--;
    }
  }

  /** @param group of one root and one size */
  async #writeOfOne(
    group: readonly UploadedSegment[],
    txSeq: number | undefined,
    mayRepeat: boolean,
    caller: Caller,
  ): Promise<void> {
    const { node, log } = this.#parts;
    const [first] = group;
    if (first === undefined) return;
    const { root, fileSize: length } = first;
    const file = await this.#fileOf(first, txSeq, caller.signal);
    let wanted = group;
    if (file === undefined) {
      if (length > MAX_WAITING_FILE_BYTES) throw invalidParam('file_size', ZGS_REASON.tooLargeToWait);
    } else {
      if (!equal(file.root, root)) throw internalError(ZGS_REASON.otherRoot);
      if (file.length !== length) throw invalidParam('file_size', ZGS_REASON.otherSize);
      if (log.status(file).finalized) throw invalidParam('root', ZGS_REASON.finalized);
      for (const { segment } of group) this.#checkOurs(file, segment.index);
      wanted = group.filter(({ segment }) => log.wants(file, segment.index));
      if (wanted.length < group.length && !mayRepeat) throw internalError(ZGS_REASON.duplicate);
      if (wanted.length === 0) return;
    }
    const segments = wanted.map(({ segment }) => segment);
    const named = file === undefined ? {} : { txSeq: file.txSeq };
    const from = { peerId: `http ${caller.address}`, signal: caller.signal };
    await node.take({ ...named, root, length, segments, heldFrom: 0 }, from);
  }

  /** One that is named and not there yet may wait for its submission, as one that is not named. */
  async #fileOf({ root }: UploadedSegment, txSeq: number | undefined, signal: AbortSignal): Promise<StoredFile | undefined> {
    const { files } = this.#parts;
    return txSeq === undefined ? files.byRoot(root, false, signal) : files.byTxSeq(txSeq, signal);
  }

  #checkOurs(file: StoredFile, index: number): void {
    const { shard } = this.#parts.log;
    if (index >= fileGeometry(file.length).segments) throw invalidParam('index', ZGS_REASON.segmentIndex);
    if (slotOf(layoutFor(file, shard), index) !== undefined) return;
    throw invalidParam('index', `segment ${index} is not of shard ${shard.shardId} of ${shard.numShard}, which is kept here`);
  }
}

function byFile(segments: readonly UploadedSegment[]): Iterable<UploadedSegment[]> {
  const groups = new Map<string, UploadedSegment[]>();
  for (const one of segments) {
    const key = `${toHex(one.root)} ${one.fileSize}`;
    groups.set(key, [...(groups.get(key) ?? []), one]);
  }
  return groups.values();
}
