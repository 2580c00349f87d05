import type { TxProofAnswer, TxProofRequest } from '@perigee/wire';

/** Who can prove transactions. */
export interface TxProver {
  /** @throws NOT_FOUND when no block holds it, or it has no header after it yet */
  proveTx(txId: Uint8Array): TxProofAnswer | Promise<TxProofAnswer>;
}

/** Answers with the proof that a block holds a transaction, and with its result. */
export function serveTxProof(chain: TxProver) {
  return async function* ({ txId }: TxProofRequest): AsyncIterable<TxProofAnswer> {
    yield await chain.proveTx(txId);
  };
}
