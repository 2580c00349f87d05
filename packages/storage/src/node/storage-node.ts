import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import type { FileHash } from '@perigee/light-core/storage';
import { type Host, segmentsProtocol, segmentUploadProtocol, serve } from '@perigee/net';
import type { PerigeeError } from '@perigee/wire';
import type { FileLog } from '../log/file-log.ts';
import { WaitingFiles } from '../log/waiting-files.ts';
import { SegmentUploadService } from './segment-upload-service.ts';
import { SegmentsService } from './segments-service.ts';
import { SubmissionFollower } from './submission-follower.ts';
import { Submissions } from './submissions.ts';
import { UploadRoom } from './upload-room.ts';

export interface StorageNodeOptions {
  readonly host: Host;
  readonly state: VerifiedState;
  /** Stays the caller's: it is not closed by `stop`. */
  readonly log: FileLog;
  readonly clock: Clock;
  readonly hash: FileHash;
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
}

/** The role of a node that stores files: takes segments of what was submitted, and serves them. */
export interface StorageNode {
  stats(): StorageStats;
  /** No new requests. What is being written is over when the log is closed. */
  stop(): Promise<void>;
}

/** Starts the role on a host. */
export async function createStorageNode(options: StorageNodeOptions): Promise<StorageNode> {
  const { host, state, log, clock, hash, onFault = () => {} } = options;
  const submissions = new Submissions(state);
  const waiting = new WaitingFiles(hash, clock);
  const room = new UploadRoom(log, clock);
  const segments = new SegmentsService(log);
  const uploads = new SegmentUploadService({ log, waiting, submissions, room });
  const follower = new SubmissionFollower({ log, waiting, submissions, onFault });
  const unsubscribe = state.onHead(() => follower.onHead());
  follower.onHead();
  const services = await Promise.all([
    serve(host, segmentsProtocol, (request, { signal }) => segments.answer(request, signal)),
    serve(host, segmentUploadProtocol, (request, context) => uploads.answer(request, context)),
  ]);
  return {
    stats: () => ({
      storedBytes: log.usedBytes,
      budgetBytes: log.budgetBytes,
      openUploads: room.openUploads,
      waitingFiles: waiting.count,
      waitingBytes: waiting.bytes,
      nextTxSeq: log.nextTxSeq,
    }),
    stop: async () => {
      unsubscribe();
      await Promise.all(services.map((end) => end()));
      await follower.idle();
    },
  };
}
