import { type ErrorCode, PerigeeError } from '@perigee/wire';
import type { Peer } from './peer.ts';

/** Codes that say that a peer lied or broke the protocol; others (no answer, an old clock, a lost worker) do not. */
const LIES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PARSE',
  'NOT_CANONICAL',
  'FRAME_TOO_LARGE',
  'WRONG_CHAIN',
  'HEADER',
  'HEADER_HASH',
  'HEADER_TIME',
  'VALIDATOR_SET',
  'COMMIT',
  'SIGNATURE',
  'NOT_ENOUGH_POWER',
  'PROOF',
  'PROOF_ROOT',
  'PEER_RECORD',
  'COMMITMENT_MISMATCH',
  'ROW_PATH',
  'SEGMENT_SIZE',
  'FILE_PROOF',
]);

/** Whether we found out that the peer is at fault. An error that the peer sent is its word, not our finding. */
function isLie(error: PerigeeError): boolean {
  return error.data?.remote !== true && LIES.has(error.code);
}

/** Called with a peer at fault, and how we know. */
export type OnLie = (peer: Peer, error: PerigeeError) => void;

/** The error of a request to a peer, once the peer was blamed where it is at fault. */
export function judge(peer: Peer, thrown: unknown, onLie: OnLie): PerigeeError {
  const error = PerigeeError.from(thrown);
  peer.error = error.message;
  if (isLie(error)) onLie(peer, error);
  return error;
}
