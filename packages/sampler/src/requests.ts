/** What applications ask of a light node beyond sampling, and what they get. */

/** Takes the bytes of a blob in order. Nothing of it may be shown or used before `close`: only then all of it is verified. */
export interface BlobSink {
  /** `bytes` may be kept: nobody else writes to them. */
  write(bytes: Uint8Array): Promise<void>;
  /** The blob is whole and verified: make it visible, by a rename for example. */
  close(): Promise<void>;
  /** It will not come: remove what was written. */
  abort(): Promise<void>;
}

export interface RetrieveOptions {
  readonly sink: BlobSink;
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RetrieveProgress) => void;
}

export interface RetrieveProgress {
  /** `segments`: it comes from the file that it was stored as. */
  readonly stage: 'prove' | 'rows' | 'segments' | 'reconstruct' | 'compare' | 'write' | 'done';
  /** Verified rows, of the K that are needed; or segments, of those of the file. */
  readonly rows: number;
  readonly needed: number;
  /** Bytes received. */
  readonly bytesIn: number;
}

/** A blob that was retrieved, re-encoded and compared with its commitment. */
export interface RetrievedBlob {
  /** Hexadecimal. */
  readonly blobId: string;
  /** Bytes of data written. */
  readonly length: number;
  /** SHA-256 of the data, hexadecimal. */
  readonly sha256: string;
  /** Rows that were fetched, and how many of them were originals: with all of them nothing had to be reconstructed. */
  readonly rows: number;
  readonly originals: number;
  /** Segments of the file that it was stored as, where it came from there; else 0. */
  readonly segments: number;
  readonly bytesIn: number;
}

/** All blobs that one block recorded in a namespace; that it is complete was proved. */
export interface BlobListing {
  readonly height: number;
  /** Height of the listing before, in the same namespace; 0 when there is none. As `below` it asks for the next page. */
  readonly previous: number;
  /** Hexadecimal, in the order of the block. */
  readonly blobIds: readonly string[];
  /** Head whose state proved it. */
  readonly provedAt: number;
}

export interface ListOptions {
  /** Only blocks at or below; the latest by default. */
  readonly below?: number;
  /** Only blocks above; 0 by default. */
  readonly above?: number;
  /** Listings at most; 20 by default, at most MAX_LISTED_HEIGHTS. */
  readonly limit?: number;
  readonly signal?: AbortSignal;
}

/** What is kept on this device, so that a later visit goes on where this one ended. */
export interface StoreOptions {
  /** Folder, in Node; a browser has its own places. */
  readonly directory?: string;
  /** Bytes at most; what was used longest ago goes first. */
  readonly budgetBytes?: number;
}
