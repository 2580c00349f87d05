/** A file that is to be stored. It is read more than once, a piece at a time. */
export interface FileSource {
  /** Bytes. */
  readonly length: number;
  /** Fills the array from a place. @throws REFUSED when the file is not any more what it was when it was opened */
  read(at: number, into: Uint8Array): Promise<void>;
}

/** Bytes that are in memory. */
export function bytesSource(bytes: Uint8Array): FileSource {
  return {
    length: bytes.length,
    async read(at, into) {
      into.set(bytes.subarray(at, at + into.length));
    },
  };
}
