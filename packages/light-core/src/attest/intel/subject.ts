import { toHex } from '@perigee/wire';
import type { CollateralSubject } from '../bundle/index.ts';
import { commonNameOf } from '../name.ts';
import { readPem } from '../pem.ts';
import { readCertificate } from '../x509.ts';
import { PCK_ISSUER_NAMES } from './authentic.ts';
import { pckPlatformOf } from './pck.ts';
import { readQuote } from './quote.ts';

/** Whose collateral judges a quote, as the quote says; nothing is verified. @throws ATTESTATION */
export function subjectOfQuote(bytes: Uint8Array): CollateralSubject {
  const { body, pckChain } = readQuote(bytes);
  const [leaf, issuer] = readPem(pckChain);
  const { fmspc } = pckPlatformOf(readCertificate(leaf ?? new Uint8Array()));
  const isProcessor = commonNameOf(readCertificate(issuer ?? new Uint8Array()).subject) === PCK_ISSUER_NAMES[1];
  return {
    vendor: 'intel',
    tee: body.platform === 'intel-tdx' ? 'tdx' : 'sgx',
    fmspc: toHex(fmspc),
    ca: isProcessor ? 'processor' : 'platform',
  };
}
