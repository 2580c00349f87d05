import type { SnpClaims, SnpPolicy } from './amd/index.ts';
import { refuse } from './code.ts';
import type { Context } from './context.ts';
import type { IntelClaims, IntelPolicy } from './intel/index.ts';
import { type JudgeOptions, judged, unreadable } from './judged.ts';
import { isGpuEvidence, isIntelQuote, isNitroDocument, isSnpReport } from './kind.ts';
import type { NitroClaims, NitroPolicy } from './nitro/index.ts';
import type { GpuClaims, GpuPolicy } from './nvidia/index.ts';
import type { AttestationReport, PlatformResult } from './report.ts';

/** What evidence must be besides authentic, by vendor. Where a vendor's is left out, its strict default holds. */
export interface EvidencePolicy {
  readonly intel?: IntelPolicy;
  readonly amd?: SnpPolicy;
  readonly nvidia?: GpuPolicy;
  readonly nitro?: NitroPolicy;
}

export type EvidenceOptions = JudgeOptions<EvidencePolicy>;

/** What evidence says, by platform. */
export type EvidenceClaims = IntelClaims | SnpClaims | GpuClaims | NitroClaims;

/**
 * Verifies evidence of trusted hardware, whole, with what is passed in: no network, no clock.
 *
 * Whatever the bytes and the collateral are, the answer is a report that names each check; only arguments that a program gets wrong throw. What the
 * evidence says is in a report only if all required checks passed.
 *
 * @param bytes an Intel quote, an AMD report, an NVIDIA SPDM record or a Nitro document: which one is seen from the bytes
 * @returns `simulated` exactly if `roots` are those of a development genesis
 * @throws INVALID_ARGUMENT
 */
export async function verifyEvidence(bytes: Uint8Array, options: EvidenceOptions): Promise<AttestationReport<EvidenceClaims>> {
  return judged(bytes, options, verifyPlatform);
}

/** Each platform is a chunk of its own, so that a page loads only what it is shown. */
async function verifyPlatform(
  bytes: Uint8Array,
  { policy, ...context }: Context<EvidencePolicy>,
): Promise<PlatformResult<EvidenceClaims>> {
  if (isIntelQuote(bytes)) {
    const { verifyIntel } = await import('./intel/index.ts');
    return verifyIntel(bytes, { ...context, policy: policy?.intel });
  }
  if (isSnpReport(bytes)) {
    const { verifySnp } = await import('./amd/index.ts');
    return verifySnp(bytes, { ...context, policy: policy?.amd });
  }
  if (isGpuEvidence(bytes)) {
    const { verifyGpu } = await import('./nvidia/index.ts');
    return verifyGpu(bytes, { ...context, policy: policy?.nvidia });
  }
  if (isNitroDocument(bytes)) {
    const { verifyNitro } = await import('./nitro/index.ts');
    return verifyNitro(bytes, { ...context, policy: policy?.nitro });
  }
  return unreadable(refuse('PLATFORM', 'the bytes are evidence of no platform that is known here'));
}
