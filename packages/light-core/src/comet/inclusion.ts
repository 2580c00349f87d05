/** What a verified header says of the transactions of its block, and of their results: RFC 6962 proofs as CometBFT's RPC gives them. */
import { sha256 } from '@noble/hashes/sha2.js';
import {
  DeterministicTxResult,
  equal,
  type Infer,
  MAX_MERKLE_PATH,
  merklePath,
  PerigeeError,
  verifyMerklePath,
} from '@perigee/wire';
import { lastResultsHash } from './block-hashes.ts';
import { jsonBase64, jsonBigint, jsonList, jsonNumber, jsonObject } from './json-value.ts';
import type { VerifiedHeader } from './verified.ts';

/** The part of a result that headers cover: log, info, events and codespace are a node's word. */
export type TxResult = Infer<typeof DeterministicTxResult>;

/** Where a leaf stands in its tree. */
export interface InclusionProof {
  readonly index: number;
  readonly total: number;
  /** Siblings from the leaf up, 32 bytes each. */
  readonly path: readonly Uint8Array[];
}

/**
 * The transaction is number `proof.index` of the header's block.
 *
 * @param header of the block that holds it
 * @returns its hash, 32 bytes
 * @throws PROOF
 */
export function verifyTxInclusion(
  { header }: VerifiedHeader,
  tx: Uint8Array,
  { index, total, path }: InclusionProof,
): Uint8Array {
  const hash = sha256(tx);
  verifyMerklePath(header.dataHash, hash, index, total, path);
  return hash;
}

/**
 * The result is that of transaction number `proof.index` of the block before the header's.
 *
 * @param next header that follows the block: results are in the header after them
 * @throws PROOF
 */
export function verifyTxResult({ header }: VerifiedHeader, result: TxResult, { index, total, path }: InclusionProof): TxResult {
  verifyMerklePath(header.lastResultsHash, DeterministicTxResult.encode(result), index, total, path);
  return result;
}

/**
 * The results are those of all transactions of the block before the header's, in their order. CometBFT's RPC gives no proof of one result.
 *
 * @throws PROOF
 */
export function verifyTxResults({ header }: VerifiedHeader, results: readonly TxResult[]): readonly TxResult[] {
  if (!equal(lastResultsHash(results), header.lastResultsHash)) {
    throw new PerigeeError('PROOF', `the ${results.length} results are not those of the block before header ${header.height}`);
  }
  return results;
}

/** For who has the whole block. @throws INVALID_ARGUMENT when there is no transaction `index` */
export function proveTx(txs: readonly Uint8Array[], index: number): InclusionProof {
  const leaves = txs.map((tx) => sha256(tx));
  return { index, total: txs.length, path: merklePath(leaves, index) };
}

/** For who has all results of a block. @throws INVALID_ARGUMENT when there is no result `index` */
export function proveTxResult(results: readonly TxResult[], index: number): InclusionProof {
  const leaves = results.map((result) => DeterministicTxResult.encode(result));
  return { index, total: results.length, path: merklePath(leaves, index) };
}

/** `proof.proof` of `/tx?prove=true`. */
function inclusionProofFromJson(value: unknown): InclusionProof {
  const json = jsonObject(value, 'proof');
  const aunts = jsonList(json.aunts ?? null, 'proof.aunts');
  if (aunts.length > MAX_MERKLE_PATH) {
    throw new PerigeeError('PARSE', `the proof has ${aunts.length} hashes; at most ${MAX_MERKLE_PATH} are allowed`);
  }
  return {
    index: jsonNumber(json.index, 'proof.index'),
    total: jsonNumber(json.total, 'proof.total'),
    path: aunts.map((aunt) => jsonBase64(aunt, 'proof.aunts')),
  };
}

/** A result of `/block_results` or `/tx`, without what headers do not cover. */
function txResultFromJson(value: unknown): TxResult {
  const json = jsonObject(value, 'transaction result');
  return {
    code: Number(jsonBigint(json.code ?? 0, 'result.code')),
    data: jsonBase64(json.data ?? null, 'result.data'),
    gasWanted: jsonNumber(json.gas_wanted ?? 0, 'result.gas_wanted'),
    gasUsed: jsonNumber(json.gas_used ?? 0, 'result.gas_used'),
  };
}

/** A transaction as a node tells of it. */
export interface ToldTx {
  readonly height: number;
  readonly tx: Uint8Array;
  readonly proof: InclusionProof;
}

/** Reads the result of `/tx?prove=true`. @throws PARSE */
export function txFromJson(value: unknown): ToldTx {
  const json = jsonObject(value, 'transaction answer');
  return {
    height: jsonNumber(json.height, 'tx.height'),
    tx: jsonBase64(json.tx, 'tx.tx'),
    proof: inclusionProofFromJson(jsonObject(json.proof, 'tx.proof').proof),
  };
}

/** Reads the results of `/block_results`. @throws PARSE */
export function blockResultsFromJson(value: unknown): readonly TxResult[] {
  return jsonList(jsonObject(value, 'block results').txs_results, 'txs_results').map(txResultFromJson);
}
