import type { Clock } from '@perigee/light-core/roles';
import { type BlobRecord, PerigeeError, type Prime, ROW_TIMEOUT_MS, toHex } from '@perigee/wire';
import { askAround } from '../peers/ask-around.ts';
import { judge, type OnLie } from '../peers/lies.ts';
import type { Peer } from '../peers/peer.ts';

export interface AskPrimeOptions {
  readonly record: BlobRecord;
  readonly peers: () => readonly Peer[];
  /** Has a prime checked where rows are verified. @throws COMMITMENT_MISMATCH, ROW_ROOT_MISMATCH, and what ails the worker */
  readonly load: (prime: Prime) => Promise<void>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Until when somebody who still connects is waited for, milliseconds since 1970. */
  readonly patientUntil: number;
  readonly onLie: OnLie;
}

/**
 * Loads what the rows of a blob are verified against, from the first peer whose prime holds. Asked apart from the rows, so that no row waits
 * for a peer that is slow.
 *
 * @throws ROW_ROOT_MISMATCH when the certificate's signers are at fault; UNREACHABLE when no peer gave a prime
 */
export async function askPrime(options: AskPrimeOptions): Promise<void> {
  const { record, peers, clock, signal, patientUntil } = options;
  // those who signed that they have it come first
  const candidates = () => [...peers().filter((peer) => peer.members.size > 0), ...peers().filter((peer) => peer.isPage)];
  const ask = (peer: Peer, until: AbortSignal) => primeFrom(peer, until, options);
  let misled: PerigeeError | undefined;
  try {
    misled = await askAround({ candidates, ask, clock, signal, patientUntil });
  } catch (cause) {
    if (signal.aborted) throw cause;
    const words = `no peer gave what rows of blob ${toHex(record.blobId)} are verified against; try again later`;
    throw new PerigeeError('UNREACHABLE', words, { cause });
  }
  if (misled !== undefined) throw misled;
}

/** @returns the error of the signers, where the prime is right and the record is wrong: asking others would not change it */
async function primeFrom(
  peer: Peer,
  signal: AbortSignal,
  { record, load, onLie }: AskPrimeOptions,
): Promise<PerigeeError | undefined> {
  const request = { blobId: record.blobId, indices: [], prime: true };
  try {
    for await (const { prime } of peer.rows(request, { signal, timeoutMs: ROW_TIMEOUT_MS })) {
      if (prime === undefined) break;
      // a copy: the view lies on a frame
      await load({ rowRoot: prime.rowRoot, rlcOriginal: prime.rlcOriginal.slice() });
      return undefined;
    }
    throw new PerigeeError('REFUSED', 'the peer gives no prime of this blob');
  } catch (thrown) {
    // what our worker found, not what the peer says
    if (thrown instanceof PerigeeError && thrown.code === 'ROW_ROOT_MISMATCH' && thrown.data?.remote !== true) return thrown;
    throw signal.aborted ? thrown : judge(peer, thrown, onLie);
  }
}
