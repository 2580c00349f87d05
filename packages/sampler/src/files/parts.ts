import type { Clock, VerifiedState } from '@perigee/light-core/roles';
import type { CallOptions } from '@perigee/net';
import type {
  PerigeeError,
  SegmentAnswer,
  SegmentsRequest,
  SegmentUploadAnswer,
  SegmentUploadRequest,
  StoredFile,
} from '@perigee/wire';
import { createPool, type Pool } from '@perigee/workers';
import { spawnFilesWorker } from '#files-worker';
import type { FileJobs } from './file-jobs.ts';

/** A storage node that can be asked. */
export interface FilePeer {
  readonly id: string;
  /** It is connected, and did not lie. */
  readonly usable: boolean;
  /** @throws what `ProtocolClient.call` throws */
  segments(request: SegmentsRequest, options: CallOptions): AsyncIterable<SegmentAnswer>;
  /** Hands it segments, or asks what it has. @throws what `ProtocolClient.callOne` throws */
  uploadSegments(request: SegmentUploadRequest, options: CallOptions): Promise<SegmentUploadAnswer>;
}

/** The storage nodes that a light node is connected to. */
export interface StoragePeers {
  /** Those that are usable now, who failed least first. */
  peers(): readonly FilePeer[];
  /**
   * Looks for other nodes that have a file: those that are found are soon among the peers.
   *
   * @param check that a segment is the file's; it throws what says that it is not
   * @throws ABORTED
   */
  search?(
    file: StoredFile,
    check: (file: Pick<StoredFile, 'root' | 'length'>, answer: SegmentAnswer) => Promise<unknown>,
    signal: AbortSignal,
  ): Promise<void>;
  /** The error of a request to one, which is banned where it is at fault. */
  judge(peer: FilePeer, thrown: unknown): PerigeeError;
}

/** What every transfer of stored files needs. */
export interface FileParts {
  readonly state: VerifiedState;
  readonly storage: StoragePeers;
  /** Hashes and checks; stays the caller's. */
  readonly pool: Pool<FileJobs>;
  readonly clock: Clock;
}

/** Workers for transfers. Whoever makes them closes them. */
export function createFilePool(size: number): Pool<FileJobs> {
  return createPool<FileJobs>({ spawn: spawnFilesWorker, size });
}
