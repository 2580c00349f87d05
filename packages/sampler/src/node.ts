/** What only a program under Node can use. */

export { diskEntries } from './files/disk/disk-entries.ts';
export { diskJournal } from './files/disk/disk-journal.ts';
export { diskPlace } from './files/disk/disk-place.ts';
export { type FolderProgress, getFolder } from './files/disk/get-folder.ts';
export { handleSource } from './files/disk/handle-source.ts';
export { fileSink } from './retrieve/sinks/file-sink.ts';
