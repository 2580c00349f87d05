import { equal, PerigeeError, toHex } from '@perigee/wire';
import { type ToldTx, type TxResult, verifyTxInclusion, verifyTxResults } from '../inclusion.ts';
import { contentOf, type Unverified } from '../unverified.ts';
import type { CallSignal, LightClient } from './light-client.ts';
import type { ProviderOptions } from './provider.ts';

/** A node that tells of transactions. */
export interface TxProvider {
  /** @param hash of the transaction, 32 bytes @throws REFUSED when it knows none */
  tx(hash: Uint8Array, options: ProviderOptions): Promise<Unverified<ToldTx>>;
  /** Results of all transactions of a block, in order. */
  blockResults(height: number, options: ProviderOptions): Promise<Unverified<readonly TxResult[]>>;
}

/** A transaction that is in the chain, and what came of it. */
export interface VerifiedTx {
  readonly tx: Uint8Array;
  /** Of its block, and its place there. */
  readonly height: number;
  readonly index: number;
  readonly result: TxResult;
}

/**
 * Proves that a block holds a transaction, and its result, which the header after that block covers.
 *
 * @param hash SHA-256 of the transaction
 * @throws PROOF the node told what the headers do not say; NOT_FOUND the next block is not there yet; TIMEOUT; what `verifyToHeight` and the node throw
 */
export async function verifiedTx(
  client: LightClient,
  node: TxProvider,
  hash: Uint8Array,
  { signal = new AbortController().signal }: CallSignal = {},
): Promise<VerifiedTx> {
  const { tx, height, proof } = contentOf(await client.askInTime((options) => node.tx(hash, options), signal));
  const header = await client.verifyToHeight(height, { signal });
  if (!equal(verifyTxInclusion(header, tx, proof), hash)) {
    throw new PerigeeError('PROOF', `another transaction came for ${toHex(hash)}`);
  }
  const next = await client.verifyToHeight(height + 1, { signal });
  const told = await client.askInTime((options) => node.blockResults(height, options), signal);
  const results = verifyTxResults(next, contentOf(told));
  const result = results[proof.index];
  if (result === undefined || results.length !== proof.total) {
    throw new PerigeeError('PROOF', `block ${height} has ${proof.total} transactions, and ${results.length} results`);
  }
  return { tx, height, index: proof.index, result };
}
