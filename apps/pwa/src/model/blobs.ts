import type { RetrieveProgress } from '@perigee/sampler';
import { DEFAULT_RETENTION_BLOCKS, type ErrorObject } from '@perigee/wire';

/** A blob that is opened: `asked` until it is sampled, or cannot be. */
export interface Opening {
  /** Hexadecimal, 33 bytes. */
  readonly blobId: string;
  readonly status: 'asked' | 'opened' | 'refused';
}

export interface PublishPolicy {
  /** Text of 1 to 28 bytes in UTF-8. */
  readonly namespace: string;
  /** Rows in all over original rows. */
  readonly redundancy: 2 | 4 | 8;
  /** Blocks for which the rows are served. */
  readonly retentionBlocks: number;
  /** Basis points of the stake that must be exceeded; 0 asks for the floor. */
  readonly quorum: number;
  readonly persist: boolean;
}

export const DEFAULT_POLICY: PublishPolicy = {
  namespace: 'default',
  redundancy: 4,
  retentionBlocks: DEFAULT_RETENTION_BLOCKS,
  quorum: 0,
  persist: false,
};

export type Task = PublishTask | RetrieveTask;

interface TaskBase {
  readonly id: string;
  /** Name of the file, fit to be shown: no control characters, no changes of direction, bounded. */
  readonly name: string;
  /** `interrupted`: the page was closed while it published; the same file, chosen again, goes on where it was. */
  readonly status: 'running' | 'done' | 'failed' | 'interrupted';
  /** Share of all stages, 0 to 1; never falls. */
  readonly done: number;
  /** Size of the file; `undefined` until it is known. */
  readonly bytes: number | undefined;
  readonly startedAtMs: number;
  /** Why it failed. */
  readonly error: ErrorObject | undefined;
}

export interface PublishTask extends TaskBase {
  readonly kind: 'publish';
  readonly stage: PublishStage;
  /** Rows that members have taken, bytes, of all that are theirs. */
  readonly uploadedBytes: number;
  readonly totalBytes: number;
  readonly signed: number;
  readonly refused: number;
  readonly members: number;
  readonly result: PublishResult | undefined;
}

/** `fund`: the faucet of a development chain is asked for tokens; the other names are those of the publisher. */
export type PublishStage = 'read' | 'fund' | 'encode' | 'upload' | 'certify' | 'record' | 'done';

export interface PublishResult {
  /** Hexadecimal, 33 bytes. */
  readonly blobId: string;
  /** Address of this page that opens the blob. */
  readonly link: string;
  /** Height of the block that records it. */
  readonly height: number;
  readonly expiryHeight: number;
  /** The chain had it already, for at least as long: nothing was sent. */
  readonly wasThere: boolean;
  /** Namespace of the record, hexadecimal, where it is another than was asked for: the record was there. */
  readonly otherNamespace: string | undefined;
}

export interface RetrieveTask extends TaskBase {
  readonly kind: 'retrieve';
  /** Hexadecimal, 33 bytes. */
  readonly blobId: string;
  readonly stage: RetrieveProgress['stage'];
  /** Verified rows, of those that are needed. */
  readonly rows: number;
  readonly needed: number;
  readonly bytesIn: number;
  readonly result: RetrieveResult | undefined;
}

export interface RetrieveResult {
  readonly length: number;
  /** SHA-256 of the file, hexadecimal. */
  readonly sha256: string;
  /** Rows that were fetched, and how many of them were originals. */
  readonly rows: number;
  readonly originals: number;
  /** Segments of the file that it was stored as, where it came from there. */
  readonly segments: number;
}
