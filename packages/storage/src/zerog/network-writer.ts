import type { Clock } from '@perigee/light-core/roles';
import { type FileHash, fileGeometry, holdsSegment, verifySegment } from '@perigee/light-core/storage';
import { type Host, open, segmentUploadProtocol } from '@perigee/net';
import type { Caller } from '@perigee/net/http';
import {
  type ErrorCode,
  equal,
  GATEWAY_TIMEOUT_MS,
  MAX_HTTP_WRITINGS,
  NETWORK_WRITE_AGAIN_MS,
  NETWORK_WRITE_PATIENCE_MS,
  NETWORK_WRITES_AT_ONCE,
  PerigeeError,
  type SegmentAnswer,
  type StoredFile,
} from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import type { StorageDirectory, StorageNode } from '../node/index.ts';
import type { Files } from './files.ts';
import type { UploadedSegment } from './params.ts';
import { internalError, invalidParam, ZGS_REASON } from './rpc-error.ts';

export interface NetworkWriterParts {
  readonly host: Host;
  readonly log: FileLog;
  readonly files: Files;
  readonly node: Pick<StorageNode, 'take'>;
  readonly directory: Pick<StorageDirectory, 'nodes'>;
  /** Peer ids of those whom stake stands behind. */
  readonly members: () => Promise<ReadonlySet<string>>;
  readonly hash: FileHash;
  readonly clock: Clock;
}

/** What is over in a moment: a node has much to do, or has not heard of the submission yet. */
const PASSING: ReadonlySet<ErrorCode> = new Set<ErrorCode>(['BUSY', 'NOT_FOUND']);

/** Takes segments of every shard from 0G's clients, and brings each to a node that keeps it. A segment is taken when that node has it on disk. */
export class NetworkWriter {
  readonly #parts: NetworkWriterParts;
  #running = 0;

  constructor(parts: NetworkWriterParts) {
    this.#parts = parts;
  }

  /**
   * @param txSeq whose segments they are; without it those of the latest file of their root
   * @param copy from 1: each copy of a segment goes to another of the nodes that keep it
   * @returns how many of them are stored now
   * @throws RpcError, and what `verifySegment` throws
   */
  async write(segments: readonly UploadedSegment[], txSeq: number | undefined, copy: number, caller: Caller): Promise<number> {
    if (this.#running >= MAX_HTTP_WRITINGS) throw internalError(`${ZGS_REASON.busy}: ${MAX_HTTP_WRITINGS}`);
    this.#running++;
    try {
      const waiting = [...segments];
      const writer = async (): Promise<void> => {
        for (let one = waiting.shift(); one !== undefined; one = waiting.shift()) {
          caller.signal.throwIfAborted();
          await this.#write(one, txSeq, copy, caller);
        }
      };
      await Promise.all(Array.from({ length: NETWORK_WRITES_AT_ONCE }, writer));
      return segments.length;
    } finally {
      this.#running--;
    }
  }

  async #write(one: UploadedSegment, txSeq: number | undefined, copy: number, caller: Caller): Promise<void> {
    const { files, hash } = this.#parts;
    const { signal } = caller;
    const file = txSeq === undefined ? await files.byRoot(one.root, false, signal) : await files.byTxSeq(txSeq, signal);
    // where a segment belongs follows from its file's place in the flow
    if (file === undefined) throw internalError(`${ZGS_REASON.busy}: its submission is not known yet`);
    if (!equal(file.root, one.root)) throw internalError(ZGS_REASON.otherRoot);
    if (file.length !== one.fileSize) throw invalidParam('file_size', ZGS_REASON.otherSize);
    if (one.segment.index >= fileGeometry(file.length).segments) throw invalidParam('index', ZGS_REASON.segmentIndex);
    // other nodes are not bothered with what is false
    verifySegment(file, one.segment, hash);
    await this.#bring(file, one.segment, copy, caller);
  }

  /** To the node that is due, else to another that keeps the segment. */
  async #bring(file: StoredFile, segment: SegmentAnswer, copy: number, caller: Caller): Promise<void> {
    const { clock } = this.#parts;
    const { signal } = caller;
    const endMs = clock.now() + NETWORK_WRITE_PATIENCE_MS;
    for (;;) {
      let last: PerigeeError | undefined;
      let isPassing = false;
      const nodes = await this.#keepersOf(file, segment.index);
      for (let i = 0; i < nodes.length; i++) {
        const peerId = nodes[(copy - 1 + i) % nodes.length];
        if (peerId === undefined) continue;
        try {
          await this.#give(peerId, file, segment, caller);
          return;
        } catch (thrown) {
          if (signal.aborted) throw thrown;
          last = PerigeeError.from(thrown);
          isPassing ||= PASSING.has(last.code);
        }
      }
      if (!isPassing || clock.now() >= endMs) {
        const why = last === undefined ? 'no node that keeps it is connected' : last.message;
        throw internalError(`${ZGS_REASON.busy}: segment ${segment.index} cannot be stored now: ${why}`);
      }
      await clock.sleep(NETWORK_WRITE_AGAIN_MS, signal);
    }
  }

  /** Peer ids of those that are trusted, always in the same order: then copies go to different nodes. */
  async #keepersOf({ startSector }: StoredFile, index: number): Promise<string[]> {
    const { host, log, directory, members } = this.#parts;
    const known = await members();
    const others = directory.nodes().filter(({ peerId }) => known.has(peerId));
    const all = [{ peerId: host.peerId, shard: log.shard }, ...others];
    return all
      .filter(({ shard }) => holdsSegment(shard, startSector, index))
      .map(({ peerId }) => peerId)
      .sort();
  }

  async #give(peerId: string, { txSeq, root, length }: StoredFile, segment: SegmentAnswer, caller: Caller): Promise<void> {
    const { host, node } = this.#parts;
    const { address, signal } = caller;
    const request = { txSeq, root, length, segments: [segment], heldFrom: 0 };
    if (peerId === host.peerId) await node.take(request, { peerId: `http ${address}`, signal });
    else {
      const client = open(host, { peerId, multiaddrs: [] }, segmentUploadProtocol);
      await client.callOne(request, { signal, timeoutMs: GATEWAY_TIMEOUT_MS });
    }
  }
}
