import type { TrustAnchor, TxResult } from '@perigee/light-core/comet';
import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError, TxProofAnswer } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import { askAround } from '../peers/ask-around.ts';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';
import type { Verifier } from '../verify/verifier.ts';
import type { ChainFollower } from './chain-follower.ts';
import { earlierHeader, headerBefore } from './earlier-header.ts';

/** A transaction that verified headers say is in the chain, and what came of it. */
export interface ProvenTx {
  /** Its bytes. */
  readonly tx: Uint8Array;
  /** Of its block, and its place there. */
  readonly height: number;
  readonly index: number;
  readonly result: TxResult;
}

export interface ProveTxOptions {
  readonly trustRoot: TrustAnchor;
  readonly follower: ChainFollower;
  readonly verify: Pool<Verifier>;
  /** Peers to ask, best first. */
  readonly peers: () => readonly Peer[];
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly onLie: OnLie;
}

/**
 * Proves under headers that the head follows, or that the trust root vouches for, that a block holds a transaction, and its result.
 *
 * @param txId SHA-256 of its bytes
 * @throws NOT_FOUND no block is known to hold it, or the one after that is not verified yet; PRUNED when it is much older than the trust root; PROOF, UNREACHABLE
 *   and what peers refuse with; UNPROVEN without a head, ABORTED
 */
export async function proveTx(txId: Uint8Array, options: ProveTxOptions): Promise<ProvenTx> {
  const { peers, clock, signal, onLie, follower } = options;
  const ask = async (peer: Peer, until: AbortSignal): Promise<ProvenTx> => {
    const blame = (error: unknown): never => {
      throw until.aborted ? error : judge(peer, error, onLie);
    };
    const proof = await peer.txProof(txId, { signal: until }).catch(blame);
    const headers = await headersOf(proof, { ...options, signal: until });
    await options.verify.run('tx', { ...headers, txId, proof: TxProofAnswer.encode(proof) }, { signal: until }).catch(blame);
    const { tx, height, index, result } = proof;
    return { tx, height, index, result };
  };
  await follower.ready(signal);
  return askAround({ candidates: () => peers().filter((peer) => peer.hasRole('chain')), ask, clock, signal });
}

/** The header of the block, and the one after it, which names it and covers the results. */
async function headersOf(
  { height }: TxProofAnswer,
  options: ProveTxOptions,
): Promise<{ readonly chainId: string; readonly next: Uint8Array; readonly answer: Uint8Array }> {
  const last = options.follower.head()?.height ?? 0;
  if (height >= last) {
    throw new PerigeeError('NOT_FOUND', `the transaction is said to be in block ${height}; headers are verified to ${last}`);
  }
  const next = await earlierHeader(height + 1, options);
  return { chainId: options.trustRoot.chainId, next: next.answer, answer: (await headerBefore(next, options)).answer };
}
