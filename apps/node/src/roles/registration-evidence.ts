import type { CollateralFolder } from '@perigee/compute/collateral';
import { dstackSource, type EvidenceSource, openTsm } from '@perigee/compute/evidence';
import type { RegistrationEvidence } from '@perigee/compute/provider';
import { subjectOfEvidence } from '@perigee/light-core/attest/bundle';
import { cryptoRandomBytes, systemClock } from '@perigee/net';
import { PerigeeError } from '@perigee/wire';
import type { EvidenceKind } from './compute-options.ts';

export interface EvidenceOptions {
  readonly kind: EvidenceKind;
  /** Of the chain, as proved. */
  readonly development: boolean;
  /** What the vendors have signed, as this home keeps it. */
  readonly vendor: CollateralFolder;
  readonly signal: AbortSignal;
}

/**
 * Where a provider's evidence comes from.
 *
 * @throws ATTESTATION (SIMULATED) for a simulated machine on a chain that is not for development; NOT_FOUND, UNSUPPORTED, REFUSED where this machine gives no evidence
 */
export async function registrationEvidence({
  kind,
  development,
  vendor,
  signal,
}: EvidenceOptions): Promise<RegistrationEvidence> {
  if (kind === 'simulated') {
    if (!development) {
      const words =
        'simulated evidence registers no provider: this chain is not for development; name what proves the hardware with --compute-evidence';
      throw new PerigeeError('ATTESTATION', words, { data: { check: 'SIMULATED', verdict: 'fail' } });
    }
    // a part of its own, which a production node never loads
    const { developmentSimulation } = await import('@perigee/compute/evidence/simulated');
    const simulation = developmentSimulation(systemClock);
    const source = simulation.source('intel-tdx');
    return { simulated: true, quote: source.quote, collateral: async () => simulation.tdxBundle() };
  }
  const source: EvidenceSource =
    kind === 'dstack' ? dstackSource() : await openTsm({ clock: systemClock, randomBytes: cryptoRandomBytes }, signal);
  return {
    simulated: false,
    quote: (reportData, until) => source.quote(reportData, until),
    async collateral(evidence) {
      const subject = await subjectOfEvidence(evidence);
      const kept = await vendor.get(subject);
      if (kept !== undefined) return kept.file;
      throw new PerigeeError(
        'NOT_FOUND',
        `no current collateral of ${subject} is kept here; get it by "perigee collateral import ${subject}"`,
      );
    },
  };
}
