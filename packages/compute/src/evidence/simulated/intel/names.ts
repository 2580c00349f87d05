import { COMMON_NAME, COUNTRY, LOCALITY, type Name, ORGANISATION, STATE } from '../certificate.ts';

/** Intel's names, because verifiers look at the common one. What is simulated says so in its organisation, whoever reads the certificate. */
function nameOf(common: string): Name {
  return [
    [COMMON_NAME, common],
    [ORGANISATION, 'Perigee simulation, no Intel hardware'],
    [LOCALITY, 'Nowhere'],
    [STATE, 'CA'],
    [COUNTRY, 'US'],
  ];
}

export const NAMES = {
  root: nameOf('Intel SGX Root CA'),
  platformCa: nameOf('Intel SGX PCK Platform CA'),
  pck: nameOf('Intel SGX PCK Certificate'),
  tcbSigner: nameOf('Intel SGX TCB Signing'),
} as const;
