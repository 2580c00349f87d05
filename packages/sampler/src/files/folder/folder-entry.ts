import type { FileSource } from '../put/source.ts';

/** A file of a folder that is to be stored. */
export interface FolderEntry {
  /** Names with `/` between. */
  readonly path: string;
  /** Bytes. */
  readonly size: number;
  readonly executable: boolean;
  /** Its bytes, as they were when the folder was looked through: what has changed since is REFUSED when it is read. */
  open(): Promise<FileSource & { close(): Promise<void> }>;
}
