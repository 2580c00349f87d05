/**
 * What stores of nodes have in common, in Node: files of checksummed slots that describe themselves, an index of them that is made anew when it is lost,
 * a LevelDB that survives a full disk, and errors of the file system as ours.
 */
export { ByteBudget } from './byte-budget.ts';
export { CHECKSUM_BYTES, checkedSlot, checksum, sumSlot } from './checksum.ts';
export { DataFile } from './data-file.ts';
export type { EntryIndex, IndexFormat } from './entry-index.ts';
export { checkMagic, encodeHead, type FileFormat, readHead } from './file-head.ts';
export { openIndexedFiles, takeInFiles } from './indexed-files.ts';
export { letGo, OpenLevel, openOnce } from './level.ts';
