import type { ErrorCode, RowProof } from '@perigee/wire';

/** Where the code puts its rows. `high` is the layout of blobs (Leopard, rsema1d); `low` the one of JAM and reed-solomon-simd. */
export type Layout = 'high' | 'low';

/** SHA-256 of `data`, 32 bytes. A host that has a faster one than the kernel (Node: `node:crypto`) passes it in. */
export type Sha256 = (data: Uint8Array) => Uint8Array;

/** Counts and size of the rows of one code: K original rows, N parity rows, bytes in each (a multiple of 64). */
export interface RowShape {
  readonly k: number;
  readonly n: number;
  readonly rowSize: number;
}

/**
 * A Merkle tree over a power of two of leaves. `hashes` is a heap of 32-byte nodes: number 1 is the root, 2i and 2i+1 are the
 * children of i, leaf j is number `leaves + j`; number 0 is unused zeros. It may be transferred between threads.
 */
export interface RowTree {
  readonly leaves: number;
  readonly hashes: Uint8Array;
}

/** What a publisher keeps and sends after committing to K + N rows. */
export interface RowCommitment extends RowShape {
  /** H(rowRoot ‖ rlcRoot), 32 bytes. */
  readonly commitment: Uint8Array;
  /** Root over all K + N rows, 32 bytes. */
  readonly rowRoot: Uint8Array;
  /** Root over the K random linear combinations of the original rows, 32 bytes. */
  readonly rlcRoot: Uint8Array;
  /** The K random linear combinations, 16 bytes each. */
  readonly rlcOriginal: Uint8Array;
  /** Tree over the rows, to open them from. */
  readonly tree: RowTree;
}

/** A blob against which rows can be verified. It holds kernel memory until `free()`; after that every use is refused. */
export interface PrimedBlob extends RowShape {
  readonly commitment: Uint8Array;
  readonly rowRoot: Uint8Array;
  /** Kernel memory that it holds, bytes. */
  readonly bytes: number;
  /** Give the memory back. May be called twice. */
  free(): void;
}

/** Rows of one blob on their way to its data. Every row in it was verified. It holds (K + N) · rowSize bytes of kernel memory until `free()`. */
export interface RowCollection {
  /** Different rows that are there. */
  readonly size: number;
  /** How many of them are original ones. */
  readonly originals: number;
  /**
   * Verifies rows and keeps a copy of those that hold.
   *
   * @returns and throws what `verifyRows` does
   */
  add(proofs: readonly RowProof[]): (ErrorCode | undefined)[];
  /**
   * Brings back the original rows, extends them anew and compares the commitment. Only after this can anything be read.
   *
   * @throws NOT_ENOUGH_ROWS; COMMITMENT_MISMATCH: the blob is no codeword; INVALID_ARGUMENT (freed), OUT_OF_MEMORY
   */
  restore(): void;
  /** The original rows, K · rowSize bytes: a view that is good until the codec is used again. @throws INVALID_ARGUMENT */
  view(): Uint8Array;
  /** A copy of some bytes of the original rows. @throws INVALID_ARGUMENT */
  read(from: number, to: number): Uint8Array<ArrayBuffer>;
  /** SHA-256 of some bytes of the original rows, 32 bytes. @throws INVALID_ARGUMENT */
  sha256(from: number, to: number): Uint8Array;
  /** Give the memory back. May be called twice. */
  free(): void;
}

/** Room for the K + N rows of one code in kernel memory: what fills it, and what reads from it, makes no copy. It is held until `free()`. */
export interface CodeRoom {
  /**
   * Row `index` of K + N, original ones first: a view to read a file or a socket into, and parity to send from, that is good until anything else of the
   * codec is called. What it holds at first is undefined.
   *
   * @throws ROW_INDEX, INVALID_ARGUMENT (freed)
   */
  row(index: number): Uint8Array;
  /**
   * Extends the K original rows by the N of parity.
   *
   * @throws INVALID_ARGUMENT (freed), OUT_OF_MEMORY
   */
  encode(): void;
  /** Give the memory back. May be called twice. */
  free(): void;
}

/** The kernel behind typed functions: bytes in, bytes out, no state but the primed blobs. One codec belongs to one thread. */
export interface Codec {
  /**
   * Extend K rows by N parity rows.
   *
   * @param input `original`: K · rowSize bytes, row after row; `into`: N · rowSize bytes to put the parity in. A new array of many
   *   megabytes costs its pages, a third of the time at 32 MiB: who extends again and again gives the same one
   * @returns N · rowSize bytes, row after row: `into`, or a new array
   * @throws INVALID_ARGUMENT (counts, layout, length), ROW_SIZE, OUT_OF_MEMORY
   */
  encode(input: RowShape & { readonly original: Uint8Array; readonly layout: Layout; readonly into?: Uint8Array }): Uint8Array;

  /**
   * Room for rows that come from somewhere and go elsewhere, so that they need not be copied in and out.
   *
   * @throws INVALID_ARGUMENT (counts, layout), ROW_SIZE, OUT_OF_MEMORY
   */
  room(shape: RowShape & { readonly layout: Layout }): CodeRoom;

  /**
   * Commit to rows that were extended in layout `high` (rsema1d, `docs/codec.md`). Does not check that `parity` is the extension.
   *
   * @param input K · rowSize bytes and N · rowSize bytes; K and K+N are powers of two
   * @throws BLOB_GEOMETRY (counts), ROW_SIZE, INVALID_ARGUMENT (lengths), OUT_OF_MEMORY
   */
  commit(input: RowShape & { readonly original: Uint8Array; readonly parity: Uint8Array }): RowCommitment;

  /**
   * Extend in layout `high` and commit at once, with one copy of the rows.
   *
   * @param input as of `encode`
   * @throws BLOB_GEOMETRY (counts), ROW_SIZE, INVALID_ARGUMENT (lengths), OUT_OF_MEMORY
   */
  extendAndCommit(input: RowShape & { readonly original: Uint8Array; readonly into?: Uint8Array }): RowCommitment & {
    readonly parity: Uint8Array;
  };

  /**
   * Make a blob ready to verify rows of: checks H(rowRoot ‖ root over rlcOriginal) = commitment, derives the coefficients and
   * extends the K combinations to K+N. `k`, `n`, `rowSize` are those of the record; the other fields may come from a peer.
   *
   * @throws COMMITMENT_MISMATCH (also when rlcOriginal is not K · 16 bytes), BLOB_GEOMETRY, ROW_SIZE, INVALID_ARGUMENT (hashes that
   *   are not 32 bytes), OUT_OF_MEMORY (too many blobs primed: free some)
   */
  prime(
    input: RowShape & { readonly commitment: Uint8Array; readonly rowRoot: Uint8Array; readonly rlcOriginal: Uint8Array },
  ): PrimedBlob;

  /**
   * @param proof as a peer sent it: nothing in it is trusted; `path` is log2(K+N) siblings of 32 bytes, from the leaf up
   * @returns nothing; the row is then proved to be number `index` of the commitment and consistent with its coding
   * @throws ROW_INDEX, ROW_SIZE, ROW_PATH (its sender lied), ROW_RLC (the path is right: the blob's encoding is wrong),
   *   INVALID_ARGUMENT (the blob was freed or belongs to another codec)
   */
  verifyRow(blob: PrimedBlob, proof: RowProof): void;

  /**
   * The same for many rows at a lower price a row.
   *
   * @returns for each proof `undefined` when it holds, else the code that `verifyRow` would throw
   * @throws INVALID_ARGUMENT, OUT_OF_MEMORY; never because of what a proof holds
   */
  verifyRows(blob: PrimedBlob, proofs: readonly RowProof[]): (ErrorCode | undefined)[];

  /**
   * The K original rows from any K of the K+N. The rows are taken as right: verify them before, or the commitment after.
   *
   * @param input `rows`: index (0 to K+N−1) to row; more than K may be given
   * @returns K · rowSize bytes
   * @throws NOT_ENOUGH_ROWS, ROW_INDEX, ROW_SIZE, INVALID_ARGUMENT, OUT_OF_MEMORY
   */
  reconstruct(input: RowShape & { readonly rows: ReadonlyMap<number, Uint8Array>; readonly layout: Layout }): Uint8Array;

  /**
   * Begin to collect the rows of a blob that is to be read as a whole.
   *
   * @throws INVALID_ARGUMENT (the blob was freed or belongs to another codec), OUT_OF_MEMORY
   */
  collect(blob: PrimedBlob): RowCollection;

  /** SHA-256, 32 bytes. */
  sha256(data: Uint8Array): Uint8Array;
}
