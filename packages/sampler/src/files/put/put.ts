import { type FileTree, submissionOf } from '@perigee/light-core/storage';
import { MAX_REPLICAS, PerigeeError, type StoredFile } from '@perigee/wire';
import type { FileParts } from '../parts.ts';
import type { NodeProgress, PutProgress } from '../requests.ts';
import { hashSource } from './hash-source.ts';
import type { FilePayer } from './payer.ts';
import { type PaymentParts, Payments } from './payments.ts';
import type { FileSource } from './source.ts';
import { StoredShare } from './stored-share.ts';
import { Upload, type UploadProgress } from './upload.ts';

export interface PutOptions extends FileParts, PaymentParts {
  readonly source: FileSource;
  readonly payer: FilePayer;
  /** Nodes that shall have each segment; 1 by default. */
  readonly replicas?: number;
  readonly signal: AbortSignal;
  readonly onProgress?: (progress: PutProgress) => void;
}

/** A file that nodes have. */
export interface PutFile {
  readonly file: StoredFile;
  /** What its sectors cost now, smallest units: nothing when it was on the chain already. */
  readonly paid: bigint;
  /** Nodes that say that their part of it is on disk. */
  readonly nodes: readonly NodeProgress[];
  readonly sentBytes: number;
}

/**
 * Stores a file: hash it, have the chain give it its place, hand it to nodes. Whatever stopped it, putting the same file again goes on where it was, and
 * pays nothing twice.
 *
 * @throws INVALID_ARGUMENT (an empty file), REFUSED (it changed while it was read; the chain said no), TX_FEE, UNSUPPORTED, NOT_FOUND, STORE_FULL, TIMEOUT, ABORTED
 */
export async function putFile(options: PutOptions): Promise<PutFile> {
  const { source, replicas = 1, signal, payer } = options;
  checkReplicas(replicas);
  const report = putReport(options.onProgress);
  report({});
  const tree = await hashSource(source, { ...options, onHashed: (hashedBytes) => report({ hashedBytes }) });
  report({ stage: 'pay' });
  const [paid] = await new Payments(options, payer).ensure([submissionOf(tree)], signal);
  if (paid === undefined) throw new PerigeeError('INTERNAL', 'a payment for one file is for none');
  const stored = await uploadFile({ ...options, tree, file: paid.file, replicas, report });
  report({ stage: 'done' });
  return { ...paid, ...stored };
}

type Report = (change: Partial<PutProgress>) => void;

/** Puts changes together to progress as a whole. */
export function putReport(onProgress: PutOptions['onProgress']): Report {
  let progress: PutProgress = { stage: 'hash', hashedBytes: 0, storedBytes: 0, storeBytes: 0, sentBytes: 0, nodes: [] };
  return (change) => {
    progress = { ...progress, ...change };
    onProgress?.(progress);
  };
}

/** @throws INVALID_ARGUMENT */
export function checkReplicas(replicas: number): void {
  if (Number.isInteger(replicas) && replicas >= 1 && replicas <= MAX_REPLICAS) return;
  throw new PerigeeError('INVALID_ARGUMENT', `a file is stored 1 to ${MAX_REPLICAS} times, not ${replicas} times`);
}

/** Hands a file that is on the chain to nodes. */
async function uploadFile(options: {
  readonly storage: FileParts['storage'];
  readonly clock: FileParts['clock'];
  readonly source: FileSource;
  readonly tree: FileTree;
  readonly file: StoredFile;
  readonly replicas: number;
  readonly signal: AbortSignal;
  readonly report: Report;
}): Promise<{ readonly nodes: readonly NodeProgress[]; readonly sentBytes: number }> {
  const { report, file, replicas } = options;
  const share = new StoredShare([file.length], replicas);
  let sentBytes = 0;
  report({ stage: 'upload', ...share.bytes });
  const onProgress = (progress: UploadProgress): void => {
    sentBytes = progress.sentBytes;
    share.note(0, progress);
    report({ ...progress, ...share.bytes });
  };
  const nodes = await new Upload({ ...options, onProgress }).run();
  share.note(0, 'all');
  report(share.bytes);
  return { nodes, sentBytes };
}
