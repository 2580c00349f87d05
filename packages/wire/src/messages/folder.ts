/** A folder as one stored file: what files it has, and where their bytes are stored (docs/storage.md). */
import {
  MAX_FOLDER_FILES,
  MAX_FOLDER_PATH_BYTES,
  MAX_FOLDER_TENSORS,
  MAX_TENSOR_DIMENSIONS,
  MAX_TENSOR_NAME_BYTES,
  MAX_TENSOR_TYPE_BYTES,
} from '../limits-transfers.ts';
import { bool, embedded, fixedBytes, type Infer, message, optional, repeated, string, uint32, uint53 } from '../proto/index.ts';

export const FOLDER_VERSION = 1;

/** A stored file that holds one file of the folder, or several, one after another. */
export const StoredPart = message('StoredPart', {
  /** Data root. */
  root: [1, fixedBytes(32)],
  /** Bytes. */
  length: [2, uint53()],
});
export type StoredPart = Infer<typeof StoredPart>;

export const FolderFile = message('FolderFile', {
  /** Names with `/` between. */
  path: [1, string(MAX_FOLDER_PATH_BYTES)],
  /** Bytes. */
  size: [2, uint53()],
  /** Number of the stored file that its bytes are in, and where they begin there; none for an empty file. */
  part: [3, optional(uint32())],
  offset: [4, uint53()],
  executable: [5, bool()],
});
export type FolderFile = Infer<typeof FolderFile>;

/** A tensor of a safetensors file. */
export const FolderTensor = message('FolderTensor', {
  name: [1, string(MAX_TENSOR_NAME_BYTES)],
  dtype: [2, string(MAX_TENSOR_TYPE_BYTES)],
  shape: [3, repeated(uint53(), MAX_TENSOR_DIMENSIONS)],
  /** Number of the file in the folder. */
  file: [4, uint32()],
  /** Bytes `begin` to `end − 1` of that file. */
  begin: [5, uint53()],
  end: [6, uint53()],
});
export type FolderTensor = Infer<typeof FolderTensor>;

/** What a stored folder's file holds, behind `perigee-folder 01\n`. */
export const Folder = message('Folder', {
  version: [1, uint32()],
  /** In the order in which the files first need them. */
  parts: [2, repeated(embedded(StoredPart), MAX_FOLDER_FILES)],
  /** Ascending by the bytes of their paths. */
  files: [3, repeated(embedded(FolderFile), MAX_FOLDER_FILES)],
  /** Ascending by the bytes of their names, then by file. */
  tensors: [4, repeated(embedded(FolderTensor), MAX_FOLDER_TENSORS)],
});
export type Folder = Infer<typeof Folder>;
