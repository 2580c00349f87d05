export { blobSource } from './blob-source.ts';
export { idbJournal } from './idb-journal.ts';
export { type OpfsPlace, opfsPlace } from './opfs-place.ts';
