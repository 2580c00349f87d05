import { type FileHash, fileTreeOf } from '@perigee/light-core/storage';
import {
  type Codec,
  type CodecThread,
  type PrimedBlob,
  PrimedCache,
  type RowCommitment,
  type RowShape,
} from '@perigee/wasm-codec';
import {
  BLOB_HEADER_BYTES,
  type ErrorCode,
  equal,
  MAX_PRIMED_BYTES,
  type RowProof,
  type SubmissionNode,
  toHex,
} from '@perigee/wire';
import { type Transferred, transfer } from '@perigee/workers';
import { createThreadJobs } from './thread-jobs.ts';

/** What rows are verified against; `commitment` first, for the other fields come from a peer. */
export interface PrimeInput extends RowShape {
  readonly commitment: Uint8Array;
  readonly rowRoot: Uint8Array;
  readonly rlcOriginal: Uint8Array;
}

/** A blob's rows and what they are opened from. */
export type CommittedRows = RowCommitment & { readonly original: Uint8Array; readonly parity: Uint8Array };

/** The jobs of a codec worker. */
export function createCodecJobs(
  load: () => Promise<Codec>,
  loadHash: () => Promise<FileHash>,
  loadThread: (memory: WebAssembly.Memory, index: number) => Promise<CodecThread>,
) {
  let loading: Promise<Codec> | undefined;
  const codec = (): Promise<Codec> => {
    loading ??= load().catch((error: unknown) => {
      loading = undefined; // the next job tries again
      throw error;
    });
    return loading;
  };
  const primed = new PrimedCache(MAX_PRIMED_BYTES);
  const inputs = new WeakMap<PrimedBlob, PrimeInput>();

  const primeOnce = async (input: PrimeInput): Promise<PrimedBlob> => {
    const name = toHex(input.commitment);
    const known = primed.get(name);
    const before = known && inputs.get(known);
    if (known !== undefined && before !== undefined && same(before, input)) return known;
    primed.delete(name);
    const blob = (await codec()).prime(input);
    inputs.set(blob, input);
    primed.add(name, blob);
    return blob;
  };

  return {
    ...createThreadJobs(loadThread),

    /** Extend and commit; the rows move here and back. */
    extendAndCommit: async (input: RowShape & { readonly original: Uint8Array }): Promise<Transferred<CommittedRows>> => {
      const made = { ...(await codec()).extendAndCommit(input), original: input.original };
      return transfer(made, [made.original.buffer, made.parity.buffer, made.tree.hashes.buffer, made.rlcOriginal.buffer]);
    },

    /** What a submission of a blob's data as a file names. @param input `length` of the data */
    fileNodes: async (input: { readonly original: Uint8Array; readonly length: number }): Promise<readonly SubmissionNode[]> => {
      const { original, length } = input;
      const data = original.subarray(BLOB_HEADER_BYTES, BLOB_HEADER_BYTES + length);
      return fileTreeOf(data, await loadHash()).nodes;
    },

    /** Check that (rowRoot, rlcOriginal) hashes to the commitment, and keep the blob for rows to come. Throws COMMITMENT_MISMATCH. */
    prime: async (input: PrimeInput): Promise<void> => {
      await primeOnce(input);
    },

    /**
     * One finding a row: `undefined` when it holds. The prime comes along each time, for a worker may have lost it; it costs nothing
     * where it is known.
     */
    verifyRows: async (input: {
      readonly prime: PrimeInput;
      readonly rows: readonly RowProof[];
    }): Promise<(ErrorCode | undefined)[]> => {
      const blob = await primeOnce(input.prime);
      return (await codec()).verifyRows(blob, input.rows);
    },
  };
}

export type CodecJobs = ReturnType<typeof createCodecJobs>;

/** To the last byte: a caller keeps and serves the very prime data that it had checked here. */
function same(a: PrimeInput, b: PrimeInput): boolean {
  const shape = a.k === b.k && a.n === b.n && a.rowSize === b.rowSize;
  return shape && equal(a.rowRoot, b.rowRoot) && equal(a.rlcOriginal, b.rlcOriginal);
}
