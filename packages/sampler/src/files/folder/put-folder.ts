import { encodeFolder } from '@perigee/light-core/folder';
import { submissionOf } from '@perigee/light-core/storage';
import { type Folder, MAX_PUTS_AT_ONCE, PerigeeError, type StoredFile } from '@perigee/wire';
import { hashSource } from '../put/hash-source.ts';
import { Payments } from '../put/payments.ts';
import { checkReplicas, type PutOptions, putReport } from '../put/put.ts';
import { bytesSource } from '../put/source.ts';
import { StoredShare } from '../put/stored-share.ts';
import { Upload, type UploadProgress } from '../put/upload.ts';
import type { FolderEntry } from './folder-entry.ts';
import { type PlannedPart, planFolder } from './plan-folder.ts';

export interface PutFolderOptions extends Omit<PutOptions, 'source'> {
  readonly entries: readonly FolderEntry[];
}

export interface PutFolder {
  /** The file that lists the folder; its root is the folder's. */
  readonly file: StoredFile;
  readonly folder: Folder;
  /** Stored files that were new, the list too. */
  readonly paidFiles: number;
  /** What their sectors cost, smallest units. */
  readonly paid: bigint;
  readonly sentBytes: number;
}

/**
 * Stores a folder: its files, and a list of them, which is a stored file itself and comes last, so that whoever has the root finds everything. Putting it
 * again goes on where it was.
 *
 * @throws what `putFile` throws; INVALID_ARGUMENT for paths that no folder may have
 */
export async function putFolder(options: PutFolderOptions): Promise<PutFolder> {
  const { entries, replicas = 1, signal, payer, pool } = options;
  checkReplicas(replicas);
  const report = putReport(options.onProgress);
  report({});
  const { folder, parts } = await planFolder(entries, { pool, signal, onHashed: (hashedBytes) => report({ hashedBytes }) });
  const list = bytesSource(encodeFolder(folder));
  const listTree = await hashSource(list, { pool, signal });
  report({ stage: 'pay' });
  const all: readonly PlannedPart[] = [...parts, { tree: listTree, with: (use) => use(list) }];
  const paid = await new Payments(options, payer).ensure(
    all.map(({ tree }) => submissionOf(tree)),
    signal,
  );
  const share = new StoredShare(
    all.map(({ tree }) => tree.geometry.length),
    replicas,
  );
  report({ stage: 'upload', ...share.bytes });
  const progresses = new Map<number, UploadProgress>();
  const sentBytes = (): number => [...progresses.values()].reduce((sum, progress) => sum + progress.sentBytes, 0);
  const upload = async (at: number): Promise<void> => {
    const part = all[at];
    const file = paid[at]?.file;
    if (part === undefined || file === undefined) throw new PerigeeError('INTERNAL', 'a part of a folder was not paid for');
    const onProgress = (progress: UploadProgress): void => {
      progresses.set(at, progress);
      share.note(at, progress);
      report({ ...share.bytes, sentBytes: sentBytes(), nodes: progress.nodes });
    };
    await part.with((source) => new Upload({ ...options, source, tree: part.tree, file, replicas, onProgress }).run());
    share.note(at, 'all');
    report(share.bytes);
  };
  await inTurns(parts.length, MAX_PUTS_AT_ONCE, upload);
  await upload(parts.length);
  report({ stage: 'done' });
  const file = paid.at(-1)?.file;
  if (file === undefined) throw new PerigeeError('INTERNAL', 'the list of a folder was not paid for');
  return {
    file,
    folder,
    paidFiles: paid.filter((one) => one.paid > 0n).length,
    paid: paid.reduce((sum, one) => sum + one.paid, 0n),
    sentBytes: sentBytes(),
  };
}

/** Does numbered work, some at a time. The first failure ends it, once what runs is over. */
async function inTurns(count: number, atOnce: number, work: (at: number) => Promise<void>): Promise<void> {
  let next = 0;
  let failure: { readonly error: unknown } | undefined;
  const run = async (): Promise<void> => {
    while (next < count && failure === undefined) {
      const at = next;
      next++;
      await work(at).catch((error: unknown) => {
        failure ??= { error };
      });
    }
  };
  await Promise.all(Array.from({ length: Math.min(atOnce, count) }, run));
  if (failure !== undefined) throw failure.error;
}
