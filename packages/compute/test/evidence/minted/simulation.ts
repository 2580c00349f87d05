import { utf8 } from '@perigee/wire';
import type { CertificateFields, Change } from '../../../src/evidence/simulated/certificate.ts';
import { Simulation } from '../../../src/evidence/simulated/index.ts';

/** 2026-09-21, milliseconds and seconds since 1970. */
export const NOW_MS = 1_790_000_000_000;
export const NOW = NOW_MS / 1_000;
export const SEED = utf8('minted cases');

/** One for all cases. Its RSA keys are shorter than AMD's, which take seconds to make. */
export const simulation = new Simulation({ seed: SEED, clock: { now: () => NOW_MS }, rsaBits: 2_048 });

export const REPORT_DATA = Uint8Array.from({ length: 64 }, (_, i) => i + 1);

/** Changes of a certificate, in short. */
export const withFields =
  (fields: Partial<CertificateFields>): Change<CertificateFields> =>
  (valid) => ({ ...valid, ...fields });

/** Serial number of a certificate: behind the heads of two sequences, which have four bytes each, and the version's five. */
export function serialOf(certificate: Uint8Array): Uint8Array {
  return certificate.slice(15, 15 + (certificate[14] as number));
}
