import { CommitmentProof, PerigeeError, type StateProof, utf8 } from '@perigee/wire';
import type { ProofOp, QueryRequest, QueryResponse } from '../application/index.ts';
import { resultCodeOf } from './result-codes.ts';

/** Answer `/store/<name>/key` as the Cosmos world asks it. */
export function answerQuery(
  { path, data, height, prove }: QueryRequest,
  proveKey: (store: string, key: Uint8Array, height: number) => StateProof,
): QueryResponse {
  try {
    const store = /^\/store\/([a-z]{1,32})\/key$/.exec(path)?.[1];
    if (store === undefined || data.length === 0) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `"${path.slice(0, 80)}" with ${data.length} bytes of data: ask /store/<name>/key with a key`,
      );
    }
    const proof = proveKey(store, data, height);
    const value = proof.inner.exist?.value ?? new Uint8Array(0);
    return { code: 0, log: '', key: data, value, proofOps: prove ? proofOps(proof, data) : [], height: proof.height };
  } catch (error) {
    const code = error instanceof PerigeeError ? resultCodeOf(error) : undefined;
    if (!(error instanceof PerigeeError) || code === undefined) throw error;
    return { code, log: error.message, key: data, value: new Uint8Array(0), proofOps: [], height: 0 };
  }
}

/** The two proofs in the form that ICS23 clients of CometBFT chains verify. */
function proofOps(proof: StateProof, key: Uint8Array): ProofOp[] {
  return [
    { type: 'ics23:iavl', key, data: CommitmentProof.encode(proof.inner) },
    { type: 'ics23:simple', key: utf8(proof.store), data: CommitmentProof.encode({ exist: proof.outer }) },
  ];
}
