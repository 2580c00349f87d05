/** A file that is written and read at any place: on disk in Node, in the origin private file system in a page. */
export interface RandomFile {
  /** Bytes. */
  size(): Promise<number>;
  /** Fills the array from a place. @returns bytes that were there: fewer at the end of the file */
  read(at: number, into: Uint8Array): Promise<number>;
  /** @param bytes may be taken along: the caller uses them no more @throws STORE_FULL, INTERNAL */
  write(at: number, bytes: Uint8Array): Promise<void>;
  /** What was written survives a power cut. */
  flush(): Promise<void>;
  truncate(size: number): Promise<void>;
  close(): Promise<void>;
}

/** A file that comes, and notes beside it of what is there. Its name is given to it when it is whole. */
export interface PartialPlace {
  readonly data: RandomFile;
  readonly notes: RandomFile;
  /** Gives the file its name, and removes the notes. Both files are closed. */
  finish(): Promise<void>;
  /** What is there stays for another time. */
  close(): Promise<void>;
  /** Nothing is left. */
  remove(): Promise<void>;
}
