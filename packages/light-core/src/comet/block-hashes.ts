/** The hashes of a header that cover a block's parts, and the hash over the block itself. */
import { sha256 } from '@noble/hashes/sha2.js';
import {
  Block,
  type Commit,
  CommitSig,
  DeterministicTxResult,
  HashedParams,
  type Infer,
  merkleRoot,
  type PartSetHeader,
} from '@perigee/wire';

/** Length of all parts but the last, bytes (CometBFT `types.BlockPartSizeBytes`). */
const BLOCK_PART_BYTES = 65_536;

/** `last_commit_hash`: Merkle root over the signatures of the previous block's commit. */
export function commitHash(commit: Commit): Uint8Array {
  return merkleRoot(commit.signatures.map((signature) => CommitSig.encode(signature)));
}

/** `data_hash`: Merkle root whose leaves are the hashes of the transactions, so that a proof need not carry the transaction. */
export function dataHash(txs: readonly Uint8Array[]): Uint8Array {
  return merkleRoot(txs.map((tx) => sha256(tx)));
}

/** `last_results_hash` of the results of the previous block; log, info and events are not covered. */
export function lastResultsHash(results: readonly Infer<typeof DeterministicTxResult>[]): Uint8Array {
  return merkleRoot(results.map((result) => DeterministicTxResult.encode(result)));
}

/** `consensus_hash`; only the two block limits are covered. */
export function consensusHash(block: { maxBytes: bigint; maxGas: bigint }): Uint8Array {
  return sha256(HashedParams.encode({ blockMaxBytes: block.maxBytes, blockMaxGas: block.maxGas }));
}

/** `evidence_hash` over pieces of evidence, each as encoded `tendermint.types.Evidence`. */
export function evidenceHash(evidence: readonly Uint8Array[] = []): Uint8Array {
  return merkleRoot(evidence);
}

/** Second half of a block id: number and Merkle root of the 64 KiB parts in which a block travels. */
export function partSetHeader(block: Block): PartSetHeader {
  const bytes = Block.encode(block);
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += BLOCK_PART_BYTES) parts.push(bytes.subarray(at, at + BLOCK_PART_BYTES));
  return { total: parts.length, hash: merkleRoot(parts) };
}
