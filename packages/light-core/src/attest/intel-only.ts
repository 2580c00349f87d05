import { refuse } from './code.ts';
import { type IntelClaims, type IntelPolicy, verifyIntel } from './intel/index.ts';
import { type JudgeOptions, judged, unreadable } from './judged.ts';
import { isIntelQuote } from './kind.ts';
import type { AttestationReport } from './report.ts';

export { webCryptoAttest } from './web-crypto.ts';

/**
 * `verifyEvidence` for programs that see no evidence but Intel's: one file, without the other platforms.
 *
 * @throws INVALID_ARGUMENT
 */
export async function verifyIntelQuote(
  quote: Uint8Array,
  options: JudgeOptions<IntelPolicy>,
): Promise<AttestationReport<IntelClaims>> {
  return judged(quote, options, async (bytes, context) =>
    isIntelQuote(bytes) ? verifyIntel(bytes, context) : unreadable(refuse('PLATFORM', 'the bytes are no quote of Intel')),
  );
}
