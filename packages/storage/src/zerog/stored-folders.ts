import { decodeFolder, FOLDER_MAGIC, isFolder } from '@perigee/light-core/folder';
import {
  concatAll,
  type Folder,
  type FolderFile,
  MAX_GATEWAY_MANIFEST_BYTES,
  MAX_GATEWAY_MANIFESTS,
  type StoredFile,
} from '@perigee/wire';
import { GATEWAY_CODE, Refusal } from './gateway-code.ts';
import { verifiedPieces } from './verified-pieces.ts';
import type { VerifiedSegments } from './verified-segments.ts';

/** What a folder has directly in it, as 0G's gateway lists it. */
export interface Listed {
  readonly name: string;
  readonly type: 'file' | 'directory';
  readonly size?: number;
}

/** Reads the lists of stored folders, and remembers the last ones. */
export class StoredFolders {
  readonly #segments: VerifiedSegments;
  /** By number of the submission; the one used last is at the end. */
  readonly #known = new Map<number, Folder>();

  constructor(segments: VerifiedSegments) {
    this.#segments = segments;
  }

  /** @throws Refusal when the file is no folder, or one with a very long list; ABORTED */
  async read(file: StoredFile, signal: AbortSignal): Promise<Folder> {
    const folder = this.#known.get(file.txSeq) ?? (await this.#decode(file, signal));
    this.#known.delete(file.txSeq);
    this.#known.set(file.txSeq, folder);
    const [oldest] = this.#known.keys();
    if (this.#known.size > MAX_GATEWAY_MANIFESTS && oldest !== undefined) this.#known.delete(oldest);
    return folder;
  }

  async #decode(file: StoredFile, signal: AbortSignal): Promise<Folder> {
    const begin = await this.#bytes(file, Math.min(file.length, FOLDER_MAGIC.length), signal);
    if (!isFolder(begin)) throw new Refusal(GATEWAY_CODE.otherType, 'this file is not the list of a folder');
    if (file.length > MAX_GATEWAY_MANIFEST_BYTES) {
      throw new Refusal(GATEWAY_CODE.tooLarge, { actual: file.length, max: MAX_GATEWAY_MANIFEST_BYTES });
    }
    const bytes = await this.#bytes(file, file.length, signal);
    try {
      return decodeFolder(bytes);
    } catch {
      throw new Refusal(GATEWAY_CODE.otherType, 'the list of this folder cannot be read');
    }
  }

  async #bytes(file: StoredFile, end: number, signal: AbortSignal): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    for await (const piece of verifiedPieces(this.#segments, file, { start: 0, end }, signal)) pieces.push(piece);
    return concatAll(pieces);
  }
}

/**
 * @param path names with `/` between; empty for the folder itself
 * @returns the file, or what is in the folder there
 * @throws Refusal when there is neither
 */
export function locate({ files }: Folder, path: string): FolderFile | readonly Listed[] {
  const file = files.find((one) => one.path === path);
  if (file !== undefined) return file;
  const before = path === '' ? '' : `${path}/`;
  const listed = new Map<string, Listed>();
  for (const { path: one, size } of files) {
    if (!one.startsWith(before)) continue;
    const [name = '', ...deeper] = one.slice(before.length).split('/');
    listed.set(name, deeper.length > 0 ? { name, type: 'directory' } : { name, type: 'file', size });
  }
  if (listed.size === 0 && path !== '') throw new Refusal(GATEWAY_CODE.noSuchPath, path);
  return [...listed.values()];
}
