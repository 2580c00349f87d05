import type { ErrorCode, PerigeeError } from '@perigee/wire';

/** Codes that say that a peer sent what is not what it should be. */
const LIES: ReadonlySet<ErrorCode> = new Set<ErrorCode>([
  'PARSE',
  'NOT_CANONICAL',
  'FRAME_TOO_LARGE',
  'SEGMENT_INDEX',
  'SEGMENT_SIZE',
  'FILE_PROOF',
]);

/** Whether we found out that a peer is at fault. An error that the peer sent is its word, not our finding. */
export function isLie(error: PerigeeError): boolean {
  return error.data?.remote !== true && LIES.has(error.code);
}
