export { FileLog, type FileLogOptions, type FileStatus } from '../log/file-log.ts';
export type { LogFile } from '../log/kept-file.ts';
export { createStorageNode, type StorageNode, type StorageNodeOptions, type StorageStats } from './storage-node.ts';
