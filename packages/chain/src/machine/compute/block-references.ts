import { blockReferenceKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import { BlockReference, MAX_BOUND_BLOCK_AGE, PerigeeError } from '@perigee/wire';
import type { StateReader, StateView } from '../../state/index.ts';

const HASH_BYTES = 32;

/** Remember a block for the evidence of later ones, and forget the one that none may bind any more. @param time seconds since 1970 */
export function noteBlock(view: StateView, height: number, hash: Uint8Array, time: number): void {
  view.delete(STORE.compute, blockReferenceKey(Math.max(0, height - MAX_BOUND_BLOCK_AGE)));
  // engines give every block its hash; what has none can be bound by nobody
  if (hash.length === HASH_BYTES) view.write(STORE.compute, blockReferenceKey(height), BlockReference, { hash, time });
}

/**
 * The block that evidence in a block of `height` binds.
 *
 * @throws ATTESTATION (BOUND_BLOCK) for one that is too old, or that the chain does not have
 */
export function boundBlock(state: StateReader, boundHeight: number, height: number): BlockReference {
  const oldest = height - MAX_BOUND_BLOCK_AGE;
  const raw =
    boundHeight < oldest || boundHeight >= height ? undefined : state.get(STORE.compute, blockReferenceKey(boundHeight));
  if (raw !== undefined) return BlockReference.decode(raw);
  throw new PerigeeError(
    'ATTESTATION',
    `evidence binds block ${boundHeight}; at height ${height} it may bind blocks ${Math.max(1, oldest)} to ${height - 1} that the chain has`,
    { data: { check: 'BOUND_BLOCK', verdict: 'fail' } },
  );
}
