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
 * @throws INVALID_ARGUMENT when the receipt is not opened; PARSE when request or answer is longer than a report may carry
 */
export function reportOf({ receipt, request, answer }: OpenedReceipt, { difference, ownHash }: Reexecuted): ComputeReport {
  if (difference === undefined) return { receipt, verdict: AUDIT_VERDICT.agreement, ownHash };
  if (request === undefined || answer === undefined) {
    throw new PerigeeError('INVALID_ARGUMENT', 'a fraud is reported with the request and the answer that open the receipt');
  }
  const bytes = [InferenceRequest.encode(request), InferenceAnswer.encode(answer)].map(({ length }) => length);
  if (bytes.some((length) => length > MAX_REPORT_OPENING_BYTES)) {
    const words = `request and answer have ${bytes.join(' and ')} bytes; a report carries ${MAX_REPORT_OPENING_BYTES} of each`;
    throw new PerigeeError('PARSE', words, { data: { limit: MAX_REPORT_OPENING_BYTES } });
  }
  const verdict = difference === 'answer' ? AUDIT_VERDICT.fraud : AUDIT_VERDICT.overcount;
  return { receipt, verdict, ownHash, request, answer };
}
