import { COMMON_NAME, COUNTRY, LOCALITY, type Name, ORGANISATION, STATE } from '../certificate.ts';

/** Intel's form of a name. What is simulated says so in its organisation, whoever reads the certificate. */
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
  root: nameOf('Simulated SGX Root CA'),
  platformCa: nameOf('Simulated SGX PCK Platform CA'),
  pck: nameOf('Simulated SGX PCK Certificate'),
  tcbSigner: nameOf('Simulated SGX TCB Signing'),
} as const;
