/** The root of a model that is more than one file (docs/compute.md). */
import { type FileHash, FileTreeBuilder } from '@perigee/light-core/storage';
import { compare, concat, u16le, u64le, utf8 } from '@perigee/wire';

const MAGIC = utf8('PERIGEEM');
const VERSION = 1;

/** A file of a model: weights, vocabulary, or what says how they are put together. */
export interface ModelFile {
  /** One to 255 bytes of UTF-8. */
  readonly name: string;
  readonly bytes: Uint8Array;
}

/**
 * The bytes that stand for several files, in pieces: a head with names and lengths, then the files, ascending by name. Whoever has the files has these
 * bytes, and can store them.
 */
export function* modelPack(files: readonly ModelFile[]): Generator<Uint8Array> {
  const sorted = files.map((file) => ({ ...file, name: utf8(file.name) })).sort((a, b) => compare(a.name, b.name));
  yield concat(MAGIC, u16le(VERSION), u16le(sorted.length));
  for (const { name, bytes } of sorted) yield concat(Uint8Array.of(name.length), name, u64le(bytes.length));
  for (const { bytes } of sorted) yield bytes;
}

/**
 * @param files at least one, no two of one name
 * @returns storage root of the file, or of the pack where there are several; 32 bytes
 */
export function modelRootOf(files: readonly ModelFile[], hash: FileHash): Uint8Array {
  const [first] = files;
  const tree = new FileTreeBuilder(hash);
  for (const piece of files.length === 1 && first !== undefined ? [first.bytes] : modelPack(files)) tree.write(piece);
  return tree.finish().root;
}
