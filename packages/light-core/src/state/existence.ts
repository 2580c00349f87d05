/** Existence of a key in an IAVL store. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, type ExistenceProof, MAX_PROOF_DEPTH } from '@perigee/wire';
import { iavlLeafBytes, readInnerOp, readLeafOp, type Step } from './iavl.ts';
import { refuse } from './refuse.ts';

/** What an existence proof says, once its form is checked. */
export interface Existence {
  readonly root: Uint8Array;
  /** From the leaf up. */
  readonly steps: readonly Step[];
}

/**
 * Recompute the store root from a leaf and its path, accepting only bytes that an IAVL tree can hash.
 *
 * @throws PROOF
 */
export function existenceOf(proof: ExistenceProof): Existence {
  const { key, value, path } = proof;
  if (key.length === 0 || value.length === 0) throw refuse('a leaf has an empty key or value');
  if (path.length > MAX_PROOF_DEPTH) throw refuse(`path of ${path.length} steps; at most ${MAX_PROOF_DEPTH} are possible`);
  let root = sha256(iavlLeafBytes(readLeafOp(proof.leaf), key, sha256(value)));
  let below = { height: 0, size: 1 };
  const steps = path.map((op) => {
    const step = readInnerOp(op);
    // AVL: the higher child is one below its parent, the other at most two
    if (step.height <= below.height || step.height > below.height + 2) {
      throw refuse(`height ${below.height} cannot hang below height ${step.height}`);
    }
    if (step.size <= below.size) throw refuse(`a node of ${step.size} leaves cannot hold a child of ${below.size}`);
    root = sha256(concat(op.prefix, root, op.suffix));
    below = step;
    return step;
  });
  return { root, steps };
}
