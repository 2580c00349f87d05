import { PerigeeError } from '@perigee/wire';
import type { RECEIPT_RESULT } from '../result-codes.ts';

/** Why a receipt is not settled; its number is that of `RECEIPT_RESULT`. */
export function receiptRefusal(check: keyof typeof RECEIPT_RESULT, message: string): PerigeeError {
  return new PerigeeError('RECEIPT', message, { data: { check } });
}
