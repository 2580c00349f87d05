/** What a submission must be (0G's `Submission.sol`), and what it is called. */
import {
  concat,
  FILE_CHUNK_BYTES,
  MAX_FILE_BYTES,
  MAX_SUBMISSION_HEIGHT,
  MAX_SUBMISSION_NODES,
  PerigeeError,
  type StorageSubmit,
  type SubmissionNode,
} from '@perigee/wire';
import type { FileTree } from './file-tree.ts';
import { type FileHash, parentOf } from './hash.ts';

/** A file that is to be stored. */
export type Submission = Omit<StorageSubmit, 'value'>;

type Keccak = Pick<FileHash, 'keccak256'>;

/** Sectors that are paid for: all chunks of all nodes. */
export function sectorsOf(nodes: readonly SubmissionNode[]): number {
  return nodes.reduce((sum, { height }) => sum + 2 ** height, 0);
}

/** @param tags for whoever reads the file; none in most */
export function submissionOf({ geometry, nodes }: FileTree, tags: Uint8Array = new Uint8Array(0)): Submission {
  return { length: geometry.length, nodes, tags };
}

/**
 * Check that nodes fall in height, by less than four in all, and that the length is one that would be padded to exactly them: with one node less,
 * or a smaller last one, it would not fit.
 *
 * @throws TX_MESSAGE
 */
export function checkSubmission({ length, nodes }: Submission): void {
  const [first, last] = [nodes[0], nodes.at(-1)];
  if (first === undefined || last === undefined) throw bad('it names no node');
  if (nodes.some(({ height }) => !Number.isInteger(height) || height < 0 || height > MAX_SUBMISSION_HEIGHT)) {
    throw bad(`a node's height lies in 0 to ${MAX_SUBMISSION_HEIGHT}; store a longer file in parts`);
  }
  if (nodes.some(({ height }, i) => i > 0 && height >= (nodes[i - 1]?.height ?? 0))) throw bad('its nodes do not fall in height');
  if (first.height - last.height >= MAX_SUBMISSION_NODES) {
    throw bad(`its nodes fall by ${first.height - last.height} in height, not by less than ${MAX_SUBMISSION_NODES}`);
  }
  const capacity = sectorsOf(nodes);
  const before = capacityBefore(capacity, nodes.length, first.height);
  if (!Number.isSafeInteger(length) || length <= before * FILE_CHUNK_BYTES || length > capacity * FILE_CHUNK_BYTES) {
    throw bad(
      `${length} bytes are not padded to ${capacity} sectors: the length lies above ${before} and up to ${capacity} of them`,
    );
  }
  if (length > MAX_FILE_BYTES) throw bad(`${length} bytes are more than ${MAX_FILE_BYTES}; store them in parts`);
}

/** The next smaller number of sectors that a file is padded to. */
function capacityBefore(capacity: number, nodes: number, height: number): number {
  if (capacity < 2 ** MAX_SUBMISSION_NODES) return capacity - 1;
  return nodes === 1 ? capacity - capacity / 2 ** MAX_SUBMISSION_NODES : capacity - 2 ** (height - MAX_SUBMISSION_NODES + 1);
}

/** Data root of a submission: root of the tree over the padded file, 32 bytes. */
export function dataRootOf(nodes: readonly SubmissionNode[], hash: Keccak): Uint8Array {
  const root = nodes.map((node) => node.root).reduceRight((right, left) => parentOf(left, right, hash));
  return new Uint8Array(root);
}

/** What the `Submit` log calls a submission: hash of its nodes' roots, 32 bytes. With several nodes it is not the data root. */
export function submissionIdentity(nodes: readonly SubmissionNode[], hash: Keccak): Uint8Array {
  return hash.keccak256(concat(...nodes.map(({ root }) => root)));
}

function bad(what: string): PerigeeError {
  return new PerigeeError('TX_MESSAGE', `submission is not valid: ${what}`);
}
