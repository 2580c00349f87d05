import type { BlobSource, Clock, VerifiedState } from '@perigee/light-core/roles';
import { type FileHash, Submissions } from '@perigee/light-core/storage';
import { abortable, type Host, sectorsProtocol, segmentsProtocol, segmentUploadProtocol, serve } from '@perigee/net';
import type { PerigeeError, SegmentUploadAnswer, SegmentUploadRequest } from '@perigee/wire';
import { BlobTakeOver } from '../blobs/blob-take-over.ts';
import type { FlowStore } from '../flow/flow-store.ts';
import { SectorProver } from '../flow/sector-prover.ts';
import type { FileLog } from '../log/file-log.ts';
import type { LogFile } from '../log/kept-file.ts';
import { WaitingFiles } from '../log/waiting-files.ts';
import { SegmentSync, type SyncStats } from '../sync/segment-sync.ts';
import type { SegmentPeer } from '../sync/sync-peers.ts';
import { SegmentUploadService, type Uploader } from './segment-upload-service.ts';
import { SegmentsService } from './segments-service.ts';
import { StreamDataPoster, type StreamDataPosterParts } from './stream-data-poster.ts';
import { SubmissionFollower } from './submission-follower.ts';
import { UploadRoom } from './upload-room.ts';

export interface StorageNodeOptions {
  readonly host: Host;
  readonly state: VerifiedState;
  /** Stays the caller's: it is not closed by `stop`. */
  readonly log: FileLog;
  /** For proofs of sectors; without it none is given. Stays the caller's. */
  readonly flow?: FlowStore;
  readonly clock: Clock;
  readonly hash: FileHash;
  /** On a chain that keeps streams: brings the data of writes to it. Left out: this node brings none. */
  readonly bring?: StreamDataPosterParts['bring'] | undefined;
  /** Other nodes that store files, of which segments are fetched that nobody brings; asked for again and again. None by default. */
  readonly peers?: () => readonly SegmentPeer[];
  /** Where blobs are fetched from that are handed over; without it they come from other nodes alone. */
  readonly blobs?: BlobSource;
  /** Milliseconds for which whoever uploads a new file is left to bring its next segment; SYNC_PATIENCE_MS by default. */
  readonly syncPatienceMs?: number;
  /** Told of failures that no peer is told of. */
  readonly onFault?: (error: PerigeeError) => void;
}

export interface StorageStats {
  readonly storedBytes: number;
  readonly budgetBytes: number;
  readonly openUploads: number;
  readonly waitingFiles: number;
  readonly waitingBytes: number;
  /** Submissions of the chain that were looked at. */
  readonly nextTxSeq: number;
  readonly sync: SyncStats;
}

/** The role of a node that stores files: takes segments of what was submitted, and serves them. */
export interface StorageNode {
  stats(): StorageStats;
  /** The chain's files. */
  readonly submissions: Submissions;
  /** Takes segments that came in another way than by the node's own protocol. @throws what `SegmentUploadService.answer` throws */
  take(request: SegmentUploadRequest, from: Uploader): Promise<SegmentUploadAnswer>;
  /** Proves sectors, for other interfaces; there where the node has a flow. */
  readonly sectors: SectorProver | undefined;
  /** Resolves when every segment of a file that is of the node's shard is on disk. @throws ABORTED, STORE_CORRUPT (another file has this number) */
  untilFinalized(file: LogFile, signal: AbortSignal): Promise<void>;
  /** No new requests. What is being written is over when the log is closed. */
  stop(): Promise<void>;
}

/** Starts the role on a host. */
export async function createStorageNode(options: StorageNodeOptions): Promise<StorageNode> {
  const { host, state, log, flow, blobs: source, clock, hash, bring, peers = () => [], syncPatienceMs } = options;
  const { onFault = () => {} } = options;
  const submissions = new Submissions(state);
  const waiting = new WaitingFiles(hash, clock);
  const room = new UploadRoom(log, clock);
  const segments = new SegmentsService(log);
  const uploads = new SegmentUploadService({ log, waiting, submissions, room });
  const follower = new SubmissionFollower({ log, waiting, submissions, onFault, ...(flow && { flow }) });
  const sectors = flow && new SectorProver(log, flow, hash);
  const patience = syncPatienceMs === undefined ? {} : { patienceMs: syncPatienceMs };
  const sync = new SegmentSync({ host, log, room, clock, peers, onFault, ...patience });
  const takeOver = source && new BlobTakeOver({ log, submissions, room, source, hash, clock, onFault });
  const poster = bring && new StreamDataPoster({ state, submissions, log, bring, onFault });
  const onHead = (): void => {
    follower.onHead();
    takeOver?.onHead();
    poster?.look();
  };
  const unsubscribe = state.onHead(onHead);
  onHead();
  const services = await Promise.all([
    serve(host, segmentsProtocol, (request, context) => segments.answer(request, context)),
    serve(host, segmentUploadProtocol, (request, context) => uploads.answer(request, context)),
    ...(sectors ? [serve(host, sectorsProtocol, (request, { signal }) => sectors.answer(request, signal))] : []),
  ]);
  sync.start();
  return {
    submissions,
    take: (request, from) => uploads.answer(request, from),
    sectors,
    untilFinalized: (file, signal) => untilFinalized(log, file, signal),
    stats: () => ({
      storedBytes: log.usedBytes,
      budgetBytes: log.budgetBytes,
      openUploads: room.openUploads,
      waitingFiles: waiting.count,
      waitingBytes: waiting.bytes,
      nextTxSeq: log.nextTxSeq,
      sync: sync.stats(),
    }),
    stop: async () => {
      unsubscribe();
      await Promise.all(services.map((end) => end()));
      await Promise.all([sync.stop(), takeOver?.stop()]);
      await follower.idle();
      await poster?.stop();
    },
  };
}

async function untilFinalized(log: FileLog, file: LogFile, signal: AbortSignal): Promise<void> {
  let unsubscribe = (): void => {};
  const finalized = new Promise<void>((resolve) => {
    unsubscribe = log.onFinalized(({ txSeq }) => {
      if (txSeq === file.txSeq) resolve();
    });
  });
  try {
    if (!log.status(file).finalized) await abortable(finalized, signal);
  } finally {
    unsubscribe();
  }
}
