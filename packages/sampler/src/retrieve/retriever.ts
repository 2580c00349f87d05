import {
  assignRows,
  type BlobRows,
  blobRows,
  checkCommittee,
  checkPrimeRowRoot,
  unpackBlob,
  verdictOf,
} from '@perigee/light-core/da';
import type { Codec, RowCollection } from '@perigee/wasm-codec';
import { BLOB_HEADER_BYTES, Committee, commitmentOf, equal, PerigeeError, type Prime, type RowProof, toHex } from '@perigee/wire';
import { type Transferred, transfer } from '@perigee/workers';

/** What of a blob's proved record its rows and its data are checked against. */
export interface BlobToRetrieve {
  readonly blobId: Uint8Array;
  readonly k: number;
  readonly n: number;
  readonly rowSize: number;
  readonly length: number;
  readonly rowRoot: Uint8Array;
}

export interface RowFindings {
  readonly verdicts: readonly ReturnType<typeof verdictOf>[];
  /** Different verified rows, and original ones among them. */
  readonly held: number;
  readonly originals: number;
  readonly misfit: RowProof | undefined;
}

/**
 * The worker of one retrieval. Rows come in as peers sent them, are verified, and stay here until the data is whole: only what was reconstructed,
 * encoded anew and found to give the commitment goes out. It holds (K + N) rows of memory and ends with the retrieval.
 */
export function createRetriever(load: () => Promise<Codec>) {
  let loading: Promise<Codec> | undefined;
  let blob: { readonly record: BlobToRetrieve; readonly rows: RowCollection } | undefined;
  /** A blob that comes as a file. */
  let stored: { readonly record: BlobToRetrieve; readonly packed: BlobRows } | undefined;
  const codec = (): Promise<Codec> => {
    loading ??= load();
    return loading;
  };
  /** Set once the data is whole and its form is right. */
  let isRestored = false;
  const current = () => {
    if (blob === undefined) throw new PerigeeError('NOT_FOUND', 'no blob is primed in this worker');
    return blob;
  };
  const checkRestored = (): void => {
    if (!isRestored) throw new PerigeeError('INVALID_ARGUMENT', 'the data of this blob is not whole yet');
  };
  const file = () => {
    if (stored === undefined) throw new PerigeeError('NOT_FOUND', 'no blob is begun in this worker');
    return stored;
  };

  return {
    /** Loads the kernel before it is needed. */
    async warm(): Promise<void> {
      await codec();
    },

    /**
     * @param input `committee`: its proved bytes
     * @returns rows of each member, ascending, in the order of the committee
     */
    assignment(input: { committee: Uint8Array; blobId: Uint8Array; k: number; n: number }): Transferred<Uint16Array[]> {
      const committee = checkCommittee(Committee.decodeCanonical(input.committee));
      const assignment = assignRows(committee, commitmentOf(input.blobId), { k: input.k, n: input.n });
      const rows = committee.members.map((_, member) => assignment.rowsOf(member));
      return transfer(
        rows,
        rows.map(({ buffer }) => buffer),
      );
    },

    /**
     * Begins with a blob, from what a peer says its prime is and what the record says.
     *
     * @throws COMMITMENT_MISMATCH: its sender is at fault; ROW_ROOT_MISMATCH: the certificate's signers are at fault; OUT_OF_MEMORY
     */
    async prime(input: { record: BlobToRetrieve; prime: Prime }): Promise<void> {
      const { record, prime } = input;
      const kernel = await codec();
      const primed = kernel.prime({ ...record, ...prime, commitment: commitmentOf(record.blobId) });
      try {
        checkPrimeRowRoot(record.rowRoot, prime.rowRoot);
        blob = { record, rows: kernel.collect(primed) };
      } catch (error) {
        primed.free();
        throw error;
      }
    },

    /**
     * Verifies rows and keeps those that hold.
     *
     * @returns a verdict for each; how many there are now; and the first row that is under the root and does not fit the coding: evidence
     * @throws NOT_FOUND
     */
    add(input: { rows: readonly RowProof[] }): RowFindings {
      const { rows } = current();
      const verdicts = rows.add(input.rows).map(verdictOf);
      const misfit = input.rows[verdicts.indexOf('invalid/encoding')];
      return { verdicts, held: rows.size, originals: rows.originals, misfit };
    },

    /**
     * Makes the data whole, compares it with the commitment, and checks its form to the last byte.
     *
     * @throws NOT_ENOUGH_ROWS; COMMITMENT_MISMATCH: it is no codeword; BLOB_VERSION, BLOB_LENGTH, BLOB_PADDING: its publisher broke the form
     */
    restore(): void {
      const { rows, record } = current();
      rows.restore();
      unpackBlob(rows.view(), record);
      isRestored = true;
    },

    /** Begins with a blob that comes as its data alone. */
    begin(record: BlobToRetrieve): void {
      stored = { record, packed: blobRows(record.length, record) };
    },

    /** A part of the data. @throws NOT_FOUND, INVALID_ARGUMENT */
    put(input: { at: number; data: Uint8Array }): void {
      const { data: place } = file().packed;
      if (input.at + input.data.length > place.length) {
        throw new PerigeeError('INVALID_ARGUMENT', `${input.data.length} bytes from ${input.at} on are not of this blob`);
      }
      place.set(input.data, input.at);
    },

    /**
     * Encodes the data that was put in, and compares it with the record.
     *
     * @throws COMMITMENT_MISMATCH: whoever stored it stored something else
     */
    async encode(): Promise<void> {
      const { record, packed } = file();
      const { k, n, rowSize, blobId, rowRoot } = record;
      const found = (await codec()).extendAndCommit({ k, n, rowSize, original: packed.rows });
      if (!equal(found.commitment, commitmentOf(blobId)) || !equal(found.rowRoot, rowRoot)) {
        throw new PerigeeError(
          'COMMITMENT_MISMATCH',
          `what is stored as blob ${toHex(blobId)} is other data: its publisher is at fault`,
        );
      }
      isRestored = true;
    },

    /** SHA-256 of the data, hexadecimal. @throws INVALID_ARGUMENT before `restore` or `encode` */
    async digest(): Promise<string> {
      checkRestored();
      if (stored !== undefined) {
        const { data } = stored.packed;
        return toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', data as Uint8Array<ArrayBuffer>)));
      }
      const { rows, record } = current();
      return toHex(rows.sha256(BLOB_HEADER_BYTES, BLOB_HEADER_BYTES + record.length));
    },

    /** A piece of the data; it moves to the caller. @throws INVALID_ARGUMENT before `restore` or `encode` */
    read(input: { from: number; to: number }): Transferred<Uint8Array> {
      checkRestored();
      const { from, to } = input;
      const bytes =
        stored === undefined
          ? current().rows.read(BLOB_HEADER_BYTES + from, BLOB_HEADER_BYTES + to)
          : stored.packed.data.slice(from, to);
      return transfer(bytes, [bytes.buffer]);
    },
  };
}

export type Retriever = ReturnType<typeof createRetriever>;
