import { MAX_STATE_ANSWER_BYTES, PerigeeError, type StateAnswer, StateProof, type StateRequest } from '@perigee/wire';
import type { Chain } from '../chain.ts';

/**
 * Answers with a proof for each key, all of one height.
 *
 * @throws PRUNED, NOT_FOUND, INVALID_ARGUMENT; FRAME_TOO_LARGE when the proofs do not fit one answer
 */
export function serveState(chain: Pick<Chain, 'prove'>) {
  return async function* ({ store, keys, height }: StateRequest): AsyncIterable<StateAnswer> {
    yield { proofs: proveKeys(chain, store, keys, height) };
  };
}

/**
 * Proofs of keys, all of one height, as they fit into one answer.
 *
 * @param height 0 for the latest
 * @throws what `prove` throws; FRAME_TOO_LARGE
 */
export function proveKeys(chain: Pick<Chain, 'prove'>, store: string, keys: readonly Uint8Array[], height: number): StateProof[] {
  const proofs: StateProof[] = [];
  let bytes = 0;
  let at = height;
  for (const key of keys) {
    const proof = chain.prove(store, key, at);
    at = proof.height;
    bytes += StateProof.encode(proof).length;
    if (bytes > MAX_STATE_ANSWER_BYTES) {
      throw new PerigeeError(
        'FRAME_TOO_LARGE',
        `proofs of ${keys.length} keys exceed ${MAX_STATE_ANSWER_BYTES} bytes; ask for fewer`,
      );
    }
    proofs.push(proof);
  }
  return proofs;
}
