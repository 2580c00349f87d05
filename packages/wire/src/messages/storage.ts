/** Stored files: what a transaction submits, what the state holds of it, and how segments are asked for (docs/storage.md). */

import { MAX_HELD_BYTES, MAX_TX_MESSAGES } from '../limits.ts';
import {
  FILE_CHUNK_BYTES,
  FILE_SEGMENT_BYTES,
  MAX_FILE_SHARDS,
  MAX_FILE_TAGS_BYTES,
  MAX_FLOW_DEPTH,
  MAX_SEGMENT_PATH,
  MAX_SEGMENTS_PER_REQUEST,
  MAX_STORAGE_URL_BYTES,
  MAX_SUBMISSION_HEIGHT,
  MAX_SUBMISSION_NODES,
} from '../limits-storage.ts';
import {
  bool,
  bytes,
  bytesView,
  embedded,
  fixedBytes,
  type Infer,
  message,
  optional,
  repeated,
  string,
  uint32,
  uint53,
  uint128,
} from '../proto/index.ts';
import { SettleOutcome } from './compute-chain.ts';
import { KvOutcome } from './kv.ts';

/** A full subtree of a padded file: 2^height chunks. */
export const SubmissionNode = message('SubmissionNode', {
  root: [1, fixedBytes(32)],
  height: [2, uint32(MAX_SUBMISSION_HEIGHT)],
});
export type SubmissionNode = Infer<typeof SubmissionNode>;

const submission = {
  /** Of the file, bytes. */
  length: [1, uint53()],
  /** From the largest to the smallest. */
  nodes: [2, repeated(embedded(SubmissionNode), MAX_SUBMISSION_NODES)],
  /** For whoever reads the file: a file with tags is a message, and each submission of it one of its own. */
  tags: [3, bytes(MAX_FILE_TAGS_BYTES)],
} as const;

/** Gives a file its place in the flow, and pays for its sectors. */
export const StorageSubmit = message('StorageSubmit', {
  ...submission,
  /** What the sender pays at most, smallest units: no more than the price is taken. */
  value: [4, uint128()],
});
export type StorageSubmit = Infer<typeof StorageSubmit>;

/** A submitted file, under `f/<u64be txSeq>` of store `storage`. */
export const StoredFile = message('StoredFile', {
  ...submission,
  /** Number of the submission, from 0. */
  txSeq: [4, uint53()],
  /** Data root. */
  root: [5, fixedBytes(32)],
  /** First sector in the flow. */
  startSector: [6, uint53()],
  /** Who signed the submission. */
  author: [7, fixedBytes(20)],
  /** Of the block that holds it. */
  height: [8, uint53()],
  /** What was paid, smallest units. */
  price: [9, uint128()],
  /** Of the flow, right after it. */
  flowRoot: [10, fixedBytes(32)],
});
export type StoredFile = Infer<typeof StoredFile>;

/** The flow, under `flow` of store `storage`: all files one after another, as one tree over sectors. */
export const FlowRecord = message('FlowRecord', {
  /** Sectors, with those left out for alignment. */
  length: [1, uint53()],
  /** Root of the tree, whose right is filled with zeros up to a power of two. */
  root: [2, fixedBytes(32)],
  /** The full subtrees that it is made of, from the smallest, at the end, to the largest: one for each one bit of the length. */
  frontier: [3, repeated(fixedBytes(32), MAX_FLOW_DEPTH + 1)],
  /** Submissions so far: the next txSeq. */
  submissions: [4, uint53()],
  /** Sectors that were paid for. */
  paidSectors: [5, uint53()],
  /** What the storage pool holds, smallest units. */
  pool: [6, uint128()],
});
export type FlowRecord = Infer<typeof FlowRecord>;

/** Data of the result of a transaction that submits files, writes to streams or settles receipts: with the transaction, all that a log of them says. */
export const SubmitResults = message('SubmitResults', {
  submits: [
    1,
    repeated(
      embedded(
        message('SubmitResult', {
          /** Number of the message in the transaction. */
          message: [1, uint32()],
          txSeq: [2, uint53()],
          startSector: [3, uint53()],
          sectors: [4, uint53()],
          /** It was there before: nothing was added, and nothing paid. */
          existing: [5, bool()],
        }),
      ),
      MAX_TX_MESSAGES,
    ),
  ],
  writes: [2, repeated(embedded(KvOutcome), MAX_TX_MESSAGES)],
  settlements: [3, repeated(embedded(SettleOutcome), MAX_TX_MESSAGES)],
});
export type SubmitResults = Infer<typeof SubmitResults>;
export type SubmitResult = SubmitResults['submits'][number];

/** What a node stores of the flow, in its status. A hint, as all that a peer says of itself. */
export const StorageOffer = message('StorageOffer', {
  /** Of each numShard segments of the flow the one numbered shardId. */
  shardId: [1, uint32(MAX_FILE_SHARDS - 1)],
  numShard: [2, uint32(MAX_FILE_SHARDS)],
  /** Where its HTTP interface is, for clients that speak no libp2p. */
  url: [3, optional(string(MAX_STORAGE_URL_BYTES))],
});
export type StorageOffer = Infer<typeof StorageOffer>;

/** That a segment is in a file, as 0G Storage has it. */
export const FileProof = message('FileProof', {
  /** Root of the segment, siblings from the segment up, data root; of a file of one segment the root alone. */
  lemma: [1, repeated(fixedBytes(32), MAX_SEGMENT_PATH + 2)],
  /** For each sibling, whether it is the right one. */
  path: [2, repeated(bool(), MAX_SEGMENT_PATH)],
});
export type FileProof = Infer<typeof FileProof>;

/** Asks for segments of one file, named by its data root or by its number. */
export const SegmentsRequest = message('SegmentsRequest', {
  root: [1, optional(fixedBytes(32))],
  txSeq: [2, optional(uint53())],
  first: [3, uint53()],
  count: [4, uint32(MAX_SEGMENTS_PER_REQUEST)],
});
export type SegmentsRequest = Infer<typeof SegmentsRequest>;

/** One segment; the answer to a request is a frame for each that the node has, in order. */
export const SegmentAnswer = message('SegmentAnswer', {
  index: [1, uint53()],
  /** Whole chunks: the last may end in zeros. */
  data: [2, bytesView(FILE_SEGMENT_BYTES)],
  proof: [3, embedded(FileProof)],
});
export type SegmentAnswer = Infer<typeof SegmentAnswer>;

/** Asks for one sector, under a root that the flow has or had after some submission. */
export const SectorRequest = message('SectorRequest', { sector: [1, uint53()], flowRoot: [2, fixedBytes(32)] });
export type SectorRequest = Infer<typeof SectorRequest>;

export const SectorAnswer = message('SectorAnswer', {
  data: [1, bytesView(FILE_CHUNK_BYTES)],
  proof: [
    2,
    embedded(
      message('FlowProof', {
        /** Hash of the sector, siblings from it up, root of the flow. */
        lemma: [1, repeated(fixedBytes(32), MAX_FLOW_DEPTH + 2)],
        /** For each sibling, whether it is the right one. */
        path: [2, repeated(bool(), MAX_FLOW_DEPTH)],
      }),
    ),
  ],
});
export type SectorAnswer = Infer<typeof SectorAnswer>;

/**
 * Hands segments of one file to a node that stores it, or, without any, asks what is there. Repeating it is harmless. A number names a submission;
 * without one, the file of this root and length is meant that has no tags, else the latest.
 */
export const SegmentUploadRequest = message('SegmentUploadRequest', {
  txSeq: [1, optional(uint53())],
  root: [2, fixedBytes(32)],
  /** Of the file, bytes. */
  length: [3, uint53()],
  segments: [4, repeated(embedded(SegmentAnswer), MAX_SEGMENTS_PER_REQUEST)],
  /** Segment that `held` of the answer begins with. */
  heldFrom: [5, uint53()],
});
export type SegmentUploadRequest = Infer<typeof SegmentUploadRequest>;

/**
 * What a node has of a file. `waiting`: it was not submitted yet; what came is in memory for a while, and no promise. `open`: what came is on disk,
 * more is wanted. `finalized`: every segment that is this node's is on disk.
 */
export const FILE_STATUS = { waiting: 0, open: 1, finalized: 2 } as const;

export const SegmentUploadAnswer = message('SegmentUploadAnswer', {
  status: [1, uint32(255)],
  /** The submission that the segments belong to, once there is one. */
  txSeq: [2, optional(uint53())],
  /** Segments that this node still wants. */
  missing: [3, uint53()],
  /** Which ones it keeps: of each numShard segments of the flow the one numbered shardId. */
  shardId: [4, uint32(MAX_FILE_SHARDS - 1)],
  numShard: [5, uint32(MAX_FILE_SHARDS)],
  /** Answer to a request without segments: bit i (least significant first) says that segment heldFrom + i need not be sent. */
  held: [6, optional(bytes(MAX_HELD_BYTES))],
});
export type SegmentUploadAnswer = Infer<typeof SegmentUploadAnswer>;
