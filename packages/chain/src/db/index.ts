export { Database, type Write } from './database.ts';
export { syncFolder } from './sync-folder.ts';
