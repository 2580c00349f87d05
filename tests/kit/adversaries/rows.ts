/** Rows and primes that are not those of the blob. */
import { MAX_ROW_BYTES, type RowAnswer, type RowProof } from '@perigee/wire';
import { eachAnswer, flipped, type RowLie } from './liar.ts';

/** A byte of the row is wrong. */
export const wrongBytes: RowLie = eachRow((proof) => ({ ...proof, row: flipped(proof.row, 3) }));

/** A byte of the path is wrong. */
export const wrongPath: RowLie = eachRow((proof) => ({ ...proof, path: flipped(proof.path) }));

/** A path that is too short. */
export const shortPath: RowLie = eachRow((proof) => ({ ...proof, path: proof.path.slice(32) }));

/** A right row, under the name of another. */
export const renamedRow: RowLie = eachRow((proof) => ({ ...proof, index: proof.index ^ 1 }));

/** A row longer than those of the blob, as long as a row may be. */
export const longRow: RowLie = eachRow((proof) => ({ ...proof, row: new Uint8Array(MAX_ROW_BYTES) }));

/** An answer that says that there is a row, and holds none. */
export const emptyAnswer: RowLie = eachAnswer(({ proof: _proof, ...answer }): RowAnswer => answer);

/** Rows of another blob of the same shape, which the honest host holds. */
export function rowsOf(blobId: Uint8Array): RowLie {
  return (honest) => (request, context) => honest({ ...request, blobId }, context);
}

/** A prime that does not hash to the commitment. */
export const wrongPrime: RowLie = eachPrime(({ rowRoot, rlcOriginal }) => ({ rowRoot, rlcOriginal: flipped(rlcOriginal) }));

/** The right combinations under another row root. */
export const otherRowRoot: RowLie = eachPrime(({ rowRoot, rlcOriginal }) => ({ rowRoot: flipped(rowRoot), rlcOriginal }));

/** A prime that is too short. */
export const shortPrime: RowLie = eachPrime(({ rowRoot, rlcOriginal }) => ({ rowRoot, rlcOriginal: rlcOriginal.slice(16) }));

function eachRow(change: (proof: RowProof) => RowProof): RowLie {
  return eachAnswer((answer) => (answer.proof === undefined ? answer : { ...answer, proof: change(answer.proof) }));
}

function eachPrime(change: (prime: NonNullable<RowAnswer['prime']>) => NonNullable<RowAnswer['prime']>): RowLie {
  return eachAnswer((answer) => (answer.prime === undefined ? answer : { ...answer, prime: change(answer.prime) }));
}
