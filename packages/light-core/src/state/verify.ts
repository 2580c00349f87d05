import { equal, type StateProof } from '@perigee/wire';
import { absenceRoots } from './absence.ts';
import { existenceOf } from './existence.ts';
import { refuse, sameRoot } from './refuse.ts';
import { storeProofRoot } from './stores.ts';

/**
 * Check a state proof against a verified app hash (PROTOCOL §6). Stricter than ICS23: every prefix and suffix must be exactly what an
 * IAVL tree writes, because a verifier that only bounds their lengths takes a user's key with node bytes in it for a node.
 *
 * @param proof as received
 * @param expected `appHash` of verified header `proof.height + 1`; the store and key that were asked for
 * @returns the value, or `undefined` when the absence of the key was proved
 * @throws PROOF when the proof is malformed or of something else; PROOF_ROOT when it leads to another root
 */
export function verifyStateProof(
  proof: StateProof,
  expected: { readonly appHash: Uint8Array; readonly store: string; readonly key: Uint8Array },
): Uint8Array | undefined {
  const { appHash, store, key } = expected;
  if (proof.store !== store) throw refuse(`it is of store "${proof.store}", not "${store}"`);
  if (!equal(proof.outer.value, proof.storeRoot)) throw refuse('the outer proof is of another store root');
  sameRoot(storeProofRoot(proof.outer, store), appHash, 'app hash');
  const { exist, nonexist } = proof.inner;
  const inStore = (root: Uint8Array): void => sameRoot(root, proof.storeRoot, `root of store "${store}"`);
  if (exist !== undefined && nonexist === undefined) {
    if (!equal(exist.key, key)) throw refuse('it is of another key than the one asked for');
    inStore(existenceOf(exist).root);
    return exist.value;
  }
  if (exist === undefined && nonexist !== undefined) {
    absenceRoots(nonexist, key).forEach(inStore);
    return undefined;
  }
  throw refuse('it must prove either existence or absence');
}
