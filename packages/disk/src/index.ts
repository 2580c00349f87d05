/** What stores of nodes have in common, in Node: a LevelDB that survives a full disk, errors of the file system as ours, and turns. */
export { ioError } from './io-error.ts';
export { letGo, OpenLevel, openOnce, openOrReplace } from './level.ts';
export { syncFolder } from './sync-folder.ts';
export { Turn } from './turn.ts';
