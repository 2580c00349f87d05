/** Second part: who signed what in the quote itself. */
import { concat, equal } from '@perigee/wire';
import type { CheckList } from '../check.ts';
import { refuse, unchecked } from '../code.ts';
import type { AttestCrypto } from '../crypto.ts';
import type { Pck } from './authentic.ts';
import type { IntelCheckName } from './checks.ts';
import { isZero } from './masked.ts';
import type { Quote } from './quote.ts';

const UNCOMPRESSED = Uint8Array.of(4);
const HASH_BYTES = 32;

export async function checkSignatures(
  quote: Quote,
  pck: Pck | undefined,
  checks: CheckList<IntelCheckName>,
  primitives: AttestCrypto,
): Promise<void> {
  await Promise.all([
    checks.run('qeReport', async () => {
      if (pck === undefined) throw unchecked('DEPENDS', 'the key of the processor is not known');
      if (!(await primitives.verifyEcdsa(pck.key, quote.qeReportBytes, quote.qeReportSignature))) {
        throw refuse('SIGNATURE', 'the processor did not sign the report of the quoting enclave');
      }
      return { value: undefined, reason: 'the processor signed the report of the quoting enclave' };
    }),
    checks.run('attestationKey', async () => {
      const { reportData } = quote.qeReport;
      const hash = await primitives.sha256(concat(quote.attestationKey, quote.qeAuthData));
      if (!equal(hash, reportData.subarray(0, HASH_BYTES)) || !isZero(reportData.subarray(HASH_BYTES))) {
        throw refuse('BINDING', 'the quoting enclave vouches for another attestation key');
      }
      return { value: undefined, reason: 'the quoting enclave vouches for the attestation key' };
    }),
    checks.run('quoteSignature', async () => {
      const key = { type: 'P-256', point: concat(UNCOMPRESSED, quote.attestationKey) } as const;
      if (!(await primitives.verifyEcdsa(key, quote.signed, quote.signature)))
        throw refuse('SIGNATURE', 'the attestation key did not sign the quote');
      return { value: undefined, reason: 'the attestation key signed the quote' };
    }),
  ]);
}
