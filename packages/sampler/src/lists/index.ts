export { ALL_BLOBS, BlobLists, type ProvedValues } from './blob-lists.ts';
export { ListWatch } from './list-watch.ts';
