import { concat, type ErrorCode, equal, PerigeeError, type RowProof } from '@perigee/wire';
import { COMBINATION_BYTES, coefficients, rlcRootOf } from './commit.ts';
import type { Kernel } from './kernel.ts';
import { checkCommitted, checkLength, powerOfTwo } from './shape.ts';
import type { Codec, PrimedBlob, RowShape } from './types.ts';

/** Rows checked by one call of the kernel: enough to fill its lanes, small enough for the second-level cache. */
const BATCH_ROWS = 32;
/** Bytes of lookup tables for one symbol of a row: 16 sums of 16 bytes for each 4 symbols. */
const TABLE_BYTES_PER_SYMBOL = 64;

/** Addresses in kernel memory of what verification needs of one blob. */
interface PrimedMemory {
  readonly block: number;
  readonly rowRoot: number;
  /** K+N combinations. */
  readonly extended: number;
  readonly tables: number;
}

/** The blobs that one codec has primed. */
export class Verifier {
  readonly #kernel: Kernel;
  readonly #primed = new Map<PrimedBlob, PrimedMemory>();

  constructor(kernel: Kernel) {
    this.#kernel = kernel;
  }

  prime(input: Parameters<Codec['prime']>[0]): PrimedBlob {
    checkCommitted(input);
    const { commitment, rowRoot, rlcOriginal, k, n, rowSize } = input;
    checkLength('commitment', commitment, 32);
    checkLength('rowRoot', rowRoot, 32);
    if (rlcOriginal.length !== k * COMBINATION_BYTES) {
      throw new PerigeeError(
        'COMMITMENT_MISMATCH',
        `rlcOriginal has ${rlcOriginal.length} bytes; K = ${k} needs ${k * COMBINATION_BYTES}`,
      );
    }
    const kernel = this.#kernel;
    const extendedBytes = (k + n) * COMBINATION_BYTES;
    const tableBytes = (rowSize / 2) * TABLE_BYTES_PER_SYMBOL;
    const bytes = 64 + extendedBytes + tableBytes;
    const block = kernel.arena.allocate(bytes);
    const memory: PrimedMemory = { block, rowRoot: block, extended: block + 64, tables: block + 64 + extendedBytes };
    try {
      kernel.write(memory.rowRoot, rowRoot);
      kernel.write(memory.extended, rlcOriginal);
      if (!equal(kernel.sha256(concat(rowRoot, rlcRootOf(kernel, memory.extended, k))), commitment)) {
        throw new PerigeeError(
          'COMMITMENT_MISMATCH',
          'rowRoot and rlcOriginal do not hash to the commitment; whoever sent them is at fault',
        );
      }
      kernel.scratch((allocate) => {
        const drawn = allocate((rowSize / 2) * COMBINATION_BYTES);
        coefficients(kernel, rowRoot, input, drawn);
        kernel.call.rlc_tables(drawn, rowSize / 2, memory.tables);
        const work = allocate(kernel.call.encode_work_bytes(k, n, 1, 2 * COMBINATION_BYTES));
        const parity = memory.extended + k * COMBINATION_BYTES;
        kernel.call.encode_combinations(kernel.field, memory.extended, parity, work, k, n);
      });
    } catch (error) {
      kernel.arena.free(block);
      throw error;
    }
    const blob: PrimedBlob = {
      k,
      n,
      rowSize,
      commitment: commitment.slice(),
      rowRoot: rowRoot.slice(),
      bytes,
      free: () => {
        if (this.#primed.delete(blob)) kernel.arena.free(block);
      },
    };
    this.#primed.set(blob, memory);
    return Object.freeze(blob);
  }

  verifyRow(blob: PrimedBlob, proof: RowProof): void {
    const code = this.verifyRows(blob, [proof])[0];
    if (code !== undefined) throw new PerigeeError(code, describe(code, blob, proof), { data: { index: proof.index } });
  }

  verifyRows(blob: PrimedBlob, proofs: readonly RowProof[]): (ErrorCode | undefined)[] {
    const memory = this.#primed.get(blob);
    if (memory === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'the primed blob was freed or belongs to another codec');
    const codes = proofs.map((proof) => checkForm(blob, proof));
    const formed = proofs.flatMap((_, i) => (codes[i] === undefined ? [i] : []));
    for (let at = 0; at < formed.length; at += BATCH_ROWS) {
      const batch = formed.slice(at, at + BATCH_ROWS);
      const verdicts = this.#check(
        blob,
        memory,
        batch.map((i) => proofs[i] as RowProof),
      );
      for (const [j, i] of batch.entries()) codes[i] = verdicts[j];
    }
    return codes;
  }

  /** Path first, then the combination: a row with a wrong path says nothing about the blob's encoding. */
  #check({ k, n, rowSize }: RowShape, memory: PrimedMemory, proofs: readonly RowProof[]): (ErrorCode | undefined)[] {
    const kernel = this.#kernel;
    const count = proofs.length;
    const levels = Math.log2(k + n);
    return kernel.scratch((allocate) => {
      const rows = allocate(count * rowSize);
      const hashes = allocate(count * 32);
      const paths = allocate(count * levels * 32);
      const indices = allocate(count * 4);
      const work = allocate(count * 64);
      const verdicts = allocate(2 * count);
      const view = new DataView(kernel.bytes.buffer);
      for (const [i, proof] of proofs.entries()) {
        kernel.write(rows + i * rowSize, proof.row);
        kernel.write(paths + i * levels * 32, proof.path);
        view.setUint32(indices + 4 * i, proof.index, true);
      }
      kernel.leafHashes(rows, count, rowSize, hashes);
      kernel.call.merkle_check(hashes, indices, paths, count, levels, memory.rowRoot, work, verdicts);
      kernel.call.rlc_check(kernel.field, memory.tables, memory.extended, rows, count, rowSize, indices, verdicts + count);
      const bytes = kernel.bytes;
      return proofs.map((_, i) =>
        bytes[verdicts + i] !== 1 ? 'ROW_PATH' : bytes[verdicts + count + i] !== 1 ? 'ROW_RLC' : undefined,
      );
    });
  }
}

/** What can be refused before anything is copied or hashed. */
function checkForm({ k, n, rowSize }: RowShape, { index, row, path }: RowProof): ErrorCode | undefined {
  if (!Number.isInteger(index) || index < 0 || index >= k + n) return 'ROW_INDEX';
  if (row.length !== rowSize) return 'ROW_SIZE';
  if (path.length !== 32 * Math.log2(powerOfTwo(k + n))) return 'ROW_PATH';
  return undefined;
}

function describe(code: ErrorCode, { k, n, rowSize }: RowShape, { index, row, path }: RowProof): string {
  switch (code) {
    case 'ROW_INDEX':
      return `there is no row ${index} among ${k + n}`;
    case 'ROW_SIZE':
      return `row ${index} has ${row.length} bytes; the blob's rows have ${rowSize}`;
    case 'ROW_PATH':
      return `the ${path.length} bytes of path of row ${index} do not lead to the row root; whoever sent the row is at fault`;
    default:
      return `row ${index} is under the row root but does not fit the coding; the blob was encoded wrongly`;
  }
}
