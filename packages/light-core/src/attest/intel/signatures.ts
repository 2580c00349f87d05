/** Second part: who signed what in the quote itself. */
import { concat, equal } from '@perigee/wire';
import type { CheckList } from '../check.ts';
import { depends, refuse } from '../code.ts';
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
      if (pck === undefined) throw depends('pckChain');
      const isRight = await primitives.verifyEcdsa(pck.key, quote.qeReportBytes, quote.qeReportSignature);
      if (!isRight) throw refuse('SIGNATURE', 'the processor did not sign the report of the quoting enclave');
      return 'the processor signed the report of the quoting enclave';
    }),
    checks.run('attestationKey', async () => {
      const { reportData } = quote.qeReport;
      const hash = await primitives.sha256(concat(quote.attestationKey, quote.qeAuthData));
      if (!equal(hash, reportData.subarray(0, HASH_BYTES)) || !isZero(reportData.subarray(HASH_BYTES))) {
        throw refuse('BINDING', 'the quoting enclave vouches for another attestation key');
      }
      return 'the quoting enclave vouches for the attestation key';
    }),
    checks.run('quoteSignature', async () => {
      const key = { type: 'P-256', point: concat(UNCOMPRESSED, quote.attestationKey) } as const;
      const isRight = await primitives.verifyEcdsa(key, quote.signed, quote.signature);
      if (!isRight) throw refuse('SIGNATURE', 'the attestation key did not sign the quote');
      return 'the attestation key signed the quote';
    }),
  ]);
}
