import { resolve } from 'node:path';
import { type FileParts, readByteRange, StoredFolder } from '@perigee/sampler/files';
import { fileSink, getFolder } from '@perigee/sampler/node';
import { type FolderFile, PerigeeError, type StoredFile, toHex } from '@perigee/wire';
import type { Output } from '../cli/output.ts';
import { sizeText } from '../sizes.ts';
import { type GotFile, shareText } from './get-file.ts';

export interface GetFolderOptions {
  readonly parts: FileParts;
  /** The list of the folder, proved. */
  readonly file: StoredFile;
  readonly target: string;
  readonly force: boolean;
  readonly range: string | undefined;
  /** One file of it, or one tensor. */
  readonly wanted: string | undefined;
  readonly tensor: string | undefined;
  readonly signal: AbortSignal;
  readonly output: Output;
}

/** Fetches a stored folder, one file of it, or one tensor. */
export async function getFromFolder(options: GetFolderOptions): Promise<GotFile> {
  const { parts, file, target, range, wanted, tensor, signal, output } = options;
  const folder = await StoredFolder.open(parts, file, signal);
  const root = toHex(file.root);
  if (tensor !== undefined) {
    if (range !== undefined) throw new PerigeeError('INVALID_ARGUMENT', 'a tensor is read as a whole: leave out --range');
    const found = folder.tensor(tensor, wanted);
    const { name, dtype, shape } = found;
    const { bytes, bytesIn } = await write(options, found.end - found.begin, (read) => folder.readTensor(found, read));
    return [
      { root, tensor: name, dtype, shape, bytes, bytesIn, file: resolve(target) },
      [`tensor   ${name}, ${dtype} [${shape.join(', ')}]`, `written  ${bytes} bytes to ${target}, ${sizeText(bytesIn)} received`],
    ];
  }
  if (wanted !== undefined) {
    const one: FolderFile = folder.file(wanted);
    const { from, to } = range === undefined ? { from: 0, to: one.size } : readByteRange(range, one.size);
    const { bytes, bytesIn } = await write(options, to - from, (read) => folder.read(one, { from, to }, read));
    return [
      { root, path: wanted, from, to, bytesIn, file: resolve(target) },
      [`path     ${wanted}, ${one.size} bytes`, `written  ${bytes} bytes to ${target}, ${sizeText(bytesIn)} received`],
    ];
  }
  if (range !== undefined)
    throw new PerigeeError('INVALID_ARGUMENT', 'this is a folder: name one file of it with --path, or add --raw');
  if (options.force) throw new PerigeeError('INVALID_ARGUMENT', 'a folder is not written over; name another place for it');
  const got = await getFolder({
    parts,
    folder,
    target: resolve(target),
    signal,
    onProgress: ({ verifiedBytes, totalBytes }) => output.update(...shareText('fetch', verifiedBytes, totalBytes)),
  }).catch((error: unknown) => {
    if (signal.aborted) output.progress('stopped; the same command goes on where this one ended');
    throw error;
  });
  const files = folder.folder.files.length;
  return [
    { root, files, bytes: got.totalBytes, bytesIn: got.bytesIn, folder: resolve(target) },
    [`root     ${root}`, `written  ${files} files, ${sizeText(got.totalBytes)} to ${target}, ${sizeText(got.bytesIn)} received`],
  ];
}

type Read = (options: { readonly signal: AbortSignal; readonly onBytes: (count: number) => void }) => AsyncIterable<Uint8Array>;

async function write(
  { target, force, signal, output }: GetFolderOptions,
  total: number,
  read: Read,
): Promise<{ readonly bytes: number; readonly bytesIn: number }> {
  const sink = await fileSink(resolve(target), { overwrite: force });
  let [bytes, bytesIn] = [0, 0];
  const onBytes = (count: number): void => {
    bytesIn += count;
  };
  try {
    for await (const piece of read({ signal, onBytes })) {
      await sink.write(piece);
      bytes += piece.length;
      output.update(...shareText('fetch', bytes, total));
    }
    await sink.close();
  } catch (error) {
    await sink.abort();
    throw error;
  }
  return { bytes, bytesIn };
}
