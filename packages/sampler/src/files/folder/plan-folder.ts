import {
  checkFolderPath,
  readTensors,
  SAFETENSORS_LENGTH_BYTES,
  safetensorsHeaderBytes,
  type TensorEntry,
} from '@perigee/light-core/folder';
import type { FileTree } from '@perigee/light-core/storage';
import {
  compare,
  FOLDER_VERSION,
  type Folder,
  type FolderFile,
  type FolderTensor,
  MAX_FOLDER_FILES,
  MAX_FOLDER_TENSORS,
  MAX_PACKED_FILE_BYTES,
  PACK_BYTES,
  PerigeeError,
  toHex,
  utf8,
} from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { FileJobs } from '../file-jobs.ts';
import { hashSource } from '../put/hash-source.ts';
import type { FileSource } from '../put/source.ts';
import { packSource, withEntry } from './entry-source.ts';
import type { FolderEntry } from './folder-entry.ts';

export interface PlanOptions {
  readonly pool: Pool<FileJobs>;
  readonly signal: AbortSignal;
  readonly onHashed: (bytes: number) => void;
}

/** A stored file that a folder needs: its bytes, and its tree. */
export interface PlannedPart {
  readonly tree: FileTree;
  /** Runs `use` with its bytes. */
  with<T>(use: (source: FileSource) => Promise<T>): Promise<T>;
}

/** What is to be stored of a folder, and the list of it. */
export interface FolderPlan {
  readonly folder: Folder;
  /** In the order of `folder.parts`. */
  readonly parts: readonly PlannedPart[];
}

/**
 * Reads a folder once, and decides what is stored where: files of more than a segment are stored as they are, smaller ones together; what is the same is
 * stored once. The same folder gives the same plan.
 *
 * @throws INVALID_ARGUMENT for a path that cannot be one; REFUSED when something changes meanwhile; ABORTED
 */
export async function planFolder(given: readonly FolderEntry[], options: PlanOptions): Promise<FolderPlan> {
  const entries = given.toSorted((a, b) => compare(utf8(a.path), utf8(b.path)));
  if (entries.length > MAX_FOLDER_FILES) {
    throw new PerigeeError('INVALID_ARGUMENT', `a folder of ${entries.length} files is too large: store it in parts`);
  }
  for (const { path } of entries) checkFolderPath(path);
  let hashed = 0;
  const hash = async (source: FileSource): Promise<FileTree> => {
    const before = hashed;
    const tree = await hashSource(source, { ...options, onHashed: (bytes) => options.onHashed(before + bytes) });
    hashed += source.length;
    return tree;
  };
  const { places, packs } = await placeSmall(entries, options.signal);
  const parts: PlannedPart[] = [];
  const known = new Map<string, number>();
  const partOf = async (part: Omit<PlannedPart, 'tree'>): Promise<number> => {
    const tree = await part.with(hash);
    const key = `${toHex(tree.root)} ${tree.geometry.length}`;
    const at = known.get(key) ?? parts.push({ ...part, tree }) - 1;
    known.set(key, at);
    return at;
  };
  const packParts = new Map<number, number>();
  const files: FolderFile[] = [];
  const tensors: FolderTensor[] = [];
  for (const [file, entry] of entries.entries()) {
    const { path, size, executable } = entry;
    if (size === 0) {
      files.push({ path, size, offset: 0, executable });
      continue;
    }
    const place = places.get(entry);
    let part: number;
    if (place === undefined) part = await partOf({ with: (use) => withEntry(entry, use) });
    else {
      const pack = packSource(packs[place.pack] ?? []);
      part = packParts.get(place.pack) ?? (await partOf({ with: (use) => use(pack) }));
      packParts.set(place.pack, part);
    }
    files.push({ path, size, part, offset: place?.offset ?? 0, executable });
    if (path.endsWith('.safetensors')) {
      const found = await withEntry(entry, tensorsOf);
      for (const tensor of found) tensors.push({ ...tensor, shape: [...tensor.shape], file });
    }
  }
  if (tensors.length > MAX_FOLDER_TENSORS) {
    throw new PerigeeError('INVALID_ARGUMENT', `a folder with ${tensors.length} tensors is too large: store it in parts`);
  }
  tensors.sort((a, b) => compare(utf8(a.name), utf8(b.name)) || a.file - b.file);
  const named = parts.map(({ tree }) => ({ root: tree.root, length: tree.geometry.length }));
  return { folder: { version: FOLDER_VERSION, parts: named, files, tensors }, parts };
}

/** Where each small file lies in which pack: files of the same bytes lie in the same place. */
async function placeSmall(
  entries: readonly FolderEntry[],
  signal: AbortSignal,
): Promise<{
  readonly places: ReadonlyMap<FolderEntry, { readonly pack: number; readonly offset: number }>;
  readonly packs: readonly (readonly FolderEntry[])[];
}> {
  const places = new Map<FolderEntry, { readonly pack: number; readonly offset: number }>();
  const packs: FolderEntry[][] = [];
  const known = new Map<string, { readonly pack: number; readonly offset: number }>();
  let bytes = PACK_BYTES;
  for (const entry of entries) {
    if (entry.size === 0 || entry.size > MAX_PACKED_FILE_BYTES) continue;
    if (signal.aborted) throw new PerigeeError('ABORTED', 'the upload was stopped');
    const content = new Uint8Array(entry.size);
    await withEntry(entry, (source) => source.read(0, content));
    const digest = toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', content)));
    const there = known.get(digest);
    if (there === undefined && bytes + entry.size > PACK_BYTES) {
      packs.push([]);
      bytes = 0;
    }
    const place = there ?? { pack: packs.length - 1, offset: bytes };
    if (there === undefined) {
      packs.at(-1)?.push(entry);
      bytes += entry.size;
      known.set(digest, place);
    }
    places.set(entry, place);
  }
  return { places, packs };
}

/** What a file says that it has of tensors: none when it is no safetensors file, whatever its name is. */
async function tensorsOf(source: FileSource): Promise<readonly TensorEntry[]> {
  try {
    const start = new Uint8Array(Math.min(SAFETENSORS_LENGTH_BYTES, source.length));
    await source.read(0, start);
    const header = new Uint8Array(safetensorsHeaderBytes(start, source.length));
    await source.read(SAFETENSORS_LENGTH_BYTES, header);
    return readTensors(header, source.length);
  } catch (error) {
    if (error instanceof PerigeeError && error.code === 'PARSE') return [];
    throw error;
  }
}
