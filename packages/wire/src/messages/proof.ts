/** State proofs: ICS23 existence and absence in an IAVL store, then existence of the store's root under the app hash (PROTOCOL §6). */
import { MAX_PROOF_DEPTH, MAX_RUN_LEAVES, MAX_STATE_KEY_BYTES, MAX_STATE_VALUE_BYTES } from '../limits.ts';
import { bytes, embedded, fixedBytes, type Infer, message, optional, repeated, string, uint32, uint53 } from '../proto/index.ts';

/** `cosmos.ics23.v1` LeafOp and InnerOp, so that the Cosmos world reads the same proofs. Hash ops: 0 none, 1 SHA-256; length op 1 is a protobuf varint. */
export const LeafOp = message('LeafOp', {
  hash: [1, uint32()],
  prehashKey: [2, uint32()],
  prehashValue: [3, uint32()],
  length: [4, uint32()],
  prefix: [5, bytes(64)],
});
export type LeafOp = Infer<typeof LeafOp>;
export const InnerOp = message('InnerOp', { hash: [1, uint32()], prefix: [2, bytes(128)], suffix: [3, bytes(128)] });
export type InnerOp = Infer<typeof InnerOp>;

export const ExistenceProof = message('ExistenceProof', {
  key: [1, bytes(MAX_STATE_KEY_BYTES)],
  value: [2, bytes(MAX_STATE_VALUE_BYTES)],
  leaf: [3, optional(embedded(LeafOp))],
  path: [4, repeated(embedded(InnerOp), MAX_PROOF_DEPTH)],
});
export type ExistenceProof = Infer<typeof ExistenceProof>;

export const NonExistenceProof = message('NonExistenceProof', {
  key: [1, bytes(MAX_STATE_KEY_BYTES)],
  left: [2, optional(embedded(ExistenceProof))],
  right: [3, optional(embedded(ExistenceProof))],
});
export type NonExistenceProof = Infer<typeof NonExistenceProof>;

export const CommitmentProof = message('CommitmentProof', {
  exist: [1, optional(embedded(ExistenceProof))],
  nonexist: [2, optional(embedded(NonExistenceProof))],
});
export type CommitmentProof = Infer<typeof CommitmentProof>;

/** A key of a store at a height: `header(height + 1).app_hash` is the root that `outer` leads to. */
export const StateProof = message('StateProof', {
  height: [1, uint53()],
  store: [2, string(32)],
  /** Root of the store: the value of `outer`. */
  storeRoot: [3, fixedBytes(32)],
  inner: [4, embedded(CommitmentProof)],
  outer: [5, embedded(ExistenceProof)],
});
export type StateProof = Infer<typeof StateProof>;

/** Neighbouring leaves of a store at a height, ascending: what a range holds, with its ends. */
export const StateRun = message('StateRun', {
  height: [1, uint53()],
  store: [2, string(32)],
  storeRoot: [3, fixedBytes(32)],
  leaves: [4, repeated(embedded(ExistenceProof), MAX_RUN_LEAVES)],
  outer: [5, embedded(ExistenceProof)],
});
export type StateRun = Infer<typeof StateRun>;
