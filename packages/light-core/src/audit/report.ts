import {
  AUDIT_VERDICT,
  type ComputeReport,
  InferenceAnswer,
  InferenceRequest,
  MAX_REPORT_OPENING_BYTES,
  type OpenedReceipt,
  PerigeeError,
} from '@perigee/wire';
import type { Reexecuted } from './reexecute.ts';

/**
 * What an auditor says on chain: that it got the same, or a fraud, with the bytes which open the receipt's hashes.
 *
 * @param blobId blob that opens the receipt, where it is laid out for auditors: what is longer than a report carries stays there
 * @throws INVALID_ARGUMENT when the receipt is not opened; PARSE when request or answer is longer than a report may carry, and no blob has them
 */
export function reportOf(
  { receipt, request, answer }: OpenedReceipt,
  { difference, ownHash }: Reexecuted,
  blobId?: Uint8Array,
): ComputeReport {
  const place = blobId === undefined ? {} : { blobId };
  if (difference === undefined) return { receipt, verdict: AUDIT_VERDICT.agreement, ownHash, ...place };
  if (request === undefined || answer === undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a fraud is reported with the request and the answer that open the receipt');
  }
  const verdict = difference === 'answer' ? AUDIT_VERDICT.fraud : AUDIT_VERDICT.overcount;
  const bytes = [InferenceRequest.encode(request), InferenceAnswer.encode(answer)].map(({ length }) => length);
  if (!bytes.some((length) => length > MAX_REPORT_OPENING_BYTES)) return { receipt, verdict, ownHash, request, answer, ...place };
  if (blobId !== undefined) return { receipt, verdict, ownHash, blobId };
  const words = `request and answer have ${bytes.join(' and ')} bytes; a report carries ${MAX_REPORT_OPENING_BYTES} of each, and no blob has them`;
  throw new PerigeeError('PARSE', words, { data: { limit: MAX_REPORT_OPENING_BYTES } });
}
