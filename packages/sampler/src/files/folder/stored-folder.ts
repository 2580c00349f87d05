import { decodeFolder, FOLDER_MAGIC, isFolder } from '@perigee/light-core/folder';
import { Submissions } from '@perigee/light-core/storage';
import {
  type Folder,
  type FolderFile,
  type FolderTensor,
  MAX_MANIFEST_BYTES,
  PerigeeError,
  type StoredFile,
  toHex,
} from '@perigee/wire';
import { type ByteRange, checkRange, type RangeOptions, readRange } from '../get/read-range.ts';
import type { FileParts } from '../parts.ts';

/** Whether a stored file is the list of a folder. @throws what `readRange` throws */
export async function isStoredFolder(parts: FileParts, file: StoredFile, signal: AbortSignal): Promise<boolean> {
  if (file.length <= FOLDER_MAGIC.length || file.length > MAX_MANIFEST_BYTES) return false;
  return isFolder(await readBytes({ ...parts, file, range: { from: 0, to: FOLDER_MAGIC.length }, signal }));
}

/** A whole range in memory. */
async function readBytes(options: RangeOptions): Promise<Uint8Array> {
  const { from, to } = options.range;
  const bytes = new Uint8Array(to - from);
  let at = 0;
  for await (const piece of readRange(options)) {
    bytes.set(piece, at);
    at += piece.length;
  }
  return bytes;
}

/** A folder whose list was read and verified. Its files are found on the chain when they are asked for. */
export class StoredFolder {
  readonly folder: Folder;
  readonly #parts: FileParts;
  readonly #submissions: Submissions;
  readonly #files = new Map<number, Promise<StoredFile>>();

  private constructor(parts: FileParts, folder: Folder) {
    this.folder = folder;
    this.#parts = parts;
    this.#submissions = new Submissions(parts.state);
  }

  /** @param file proved @throws PARSE when it is no list of a folder, and what `readRange` throws */
  static async open(parts: FileParts, file: StoredFile, signal: AbortSignal): Promise<StoredFolder> {
    if (file.length > MAX_MANIFEST_BYTES) throw new PerigeeError('PARSE', 'this file is too long to be the list of a folder');
    return new StoredFolder(
      parts,
      decodeFolder(await readBytes({ ...parts, file, range: { from: 0, to: file.length }, signal })),
    );
  }

  /** The submission that a part of the folder is in. @throws NOT_FOUND when the chain has no such file */
  part(number: number, signal: AbortSignal): Promise<StoredFile> {
    const known = this.#files.get(number);
    if (known !== undefined) return known;
    const found = this.#find(number, signal);
    this.#files.set(number, found);
    found.catch(() => this.#files.delete(number));
    return found;
  }

  /** @throws NOT_FOUND */
  file(path: string): FolderFile {
    const file = this.folder.files.find((one) => one.path === path);
    if (file === undefined) throw new PerigeeError('NOT_FOUND', `the folder has no file ${path}`);
    return file;
  }

  /**
   * A tensor by its name.
   *
   * @param path of its file, where several have one of this name
   * @throws NOT_FOUND, INVALID_ARGUMENT
   */
  tensor(name: string, path?: string): FolderTensor {
    const { tensors, files } = this.folder;
    const found = tensors.filter((one) => one.name === name && (path === undefined || files[one.file]?.path === path));
    const [tensor] = found;
    if (tensor === undefined) throw new PerigeeError('NOT_FOUND', `the folder has no tensor ${name}`);
    if (found.length === 1) return tensor;
    const paths = found.map(({ file }) => files[file]?.path).join(', ');
    throw new PerigeeError('INVALID_ARGUMENT', `several files have a tensor ${name}: ${paths}; name one of them`);
  }

  /**
   * Bytes of a file, in order; only the segments that they are in are fetched.
   *
   * @throws INVALID_ARGUMENT for a range that the file has not, and what `readRange` throws
   */
  async *read(
    file: FolderFile,
    range: ByteRange,
    options: Pick<RangeOptions, 'signal' | 'onBytes'>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    checkRange(range, file.size);
    if (file.part === undefined || range.from === range.to) return;
    const stored = await this.part(file.part, options.signal);
    const { from, to } = range;
    yield* readRange({ ...this.#parts, ...options, file: stored, range: { from: file.offset + from, to: file.offset + to } });
  }

  /** Bytes of a tensor, as its file has them. */
  readTensor(
    tensor: FolderTensor,
    options: Pick<RangeOptions, 'signal' | 'onBytes'>,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const file = this.folder.files[tensor.file];
    if (file === undefined) throw new PerigeeError('INTERNAL', 'a tensor of a file that is not there');
    return this.read(file, { from: tensor.begin, to: tensor.end }, options);
  }

  async #find(number: number, signal: AbortSignal): Promise<StoredFile> {
    const part = this.folder.parts[number];
    if (part === undefined) throw new PerigeeError('INTERNAL', `the folder has no part ${number}`);
    const file = await this.#submissions.find(part, signal);
    if (file !== undefined) return file;
    throw new PerigeeError(
      'NOT_FOUND',
      `the chain has no file ${toHex(part.root)} of ${part.length} bytes, which the folder needs`,
    );
  }
}
