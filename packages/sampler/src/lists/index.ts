export { ALL_BLOBS, BlobLists, type ProvedState } from './blob-lists.ts';
export { ListWatch } from './list-watch.ts';
