export { ALL_BLOBS, BlobLists, type ListRange, type ProvedValues } from './blob-lists.ts';
export { ListWatch, type ListWatchOptions } from './list-watch.ts';
