import type { CollateralSubject } from '../bundle/index.ts';
import { refuse } from '../code.ts';
import { RSA } from '../rsa.ts';
import { readCertificate } from '../x509.ts';
import { readExtendedReport } from './certificate-table.ts';
import { readEndorsement } from './endorsement.ts';
import { readSnpReport } from './report.ts';

/** Whose collateral judges a report, as it or the certificates behind it say; nothing is verified. @throws ATTESTATION */
export function subjectOfReport(bytes: Uint8Array): CollateralSubject {
  const { report, table } = readExtendedReport(bytes);
  const { cpu, signingKey } = readSnpReport(report);
  const leaf = table[signingKey];
  const product = cpu?.product ?? (leaf && readEndorsement(readCertificate(leaf, { rsa: RSA }), signingKey).product);
  if (product === undefined)
    throw refuse('COLLATERAL_MISSING', 'a report of version 2 does not say of which line of processors it is');
  return { vendor: 'amd', product, key: signingKey };
}
