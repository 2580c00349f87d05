import { MAX_ATTESTATION_BYTES, PerigeeError } from '@perigee/wire';
import type { SnpClaims, SnpPolicy } from './amd/index.ts';
import { CheckList } from './check.ts';
import { refuse, tooLarge } from './code.ts';
import type { Collateral, Floors } from './collateral.ts';
import type { Context } from './context.ts';
import { counted } from './counted.ts';
import type { AttestCrypto } from './crypto.ts';
import type { IntelClaims, IntelPolicy } from './intel/index.ts';
import { isGpuEvidence, isIntelQuote, isNitroDocument, isSnpReport } from './kind.ts';
import type { NitroClaims, NitroPolicy } from './nitro/index.ts';
import type { GpuClaims, GpuPolicy } from './nvidia/index.ts';
import { type AttestationReport, type PlatformResult, realReport, simulatedReport } from './report.ts';
import { checkRoots, type Roots } from './roots.ts';

/** What evidence must be besides authentic, by vendor. Where a vendor's is left out, its strict default holds. */
export interface EvidencePolicy {
  readonly intel?: IntelPolicy;
  readonly amd?: SnpPolicy;
  readonly nvidia?: GpuPolicy;
  readonly nitro?: NitroPolicy;
}

export interface EvidenceOptions {
  readonly collateral: Collateral;
  /** Trusted time, milliseconds since 1970: the light client's, or that of a block. */
  readonly time: number;
  readonly policy: EvidencePolicy;
  readonly crypto: AttestCrypto;
  readonly roots: Roots;
  /** What was seen before; none at first. */
  readonly floors?: Floors;
}

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
  checkArguments(bytes, options);
  const { roots, floors = {} } = options;
  const rest = { ...options, crypto: counted(options.crypto) };
  if (roots === 'vendor') return realReport(await verifyPlatform(bytes, { ...rest, floors }));
  const result = await verifyPlatform(bytes, { ...rest, floors: renamed(floors, withoutPrefix) });
  return simulatedReport({ ...result, seen: renamed(result.seen, (name) => `${SIMULATED}${name}`) });
}

/** Numbers of simulated collateral have names of their own, so that what anyone can mint never raises the floor of what is real. */
const SIMULATED = 'simulated/';

function withoutPrefix(name: string): string | undefined {
  return name.startsWith(SIMULATED) ? name.slice(SIMULATED.length) : undefined;
}

function renamed(numbers: Floors, rename: (name: string) => string | undefined): Floors {
  const all = Object.entries(numbers).map(([name, number]) => [rename(name), number] as const);
  return Object.fromEntries(all.filter(([name]) => name !== undefined));
}

/** Last millisecond that ECMAScript has a date for. */
const LAST_TIME = 8.64e15;

/** Each platform is a chunk of its own, so that a page loads only what it is shown. */
async function verifyPlatform(
  bytes: Uint8Array,
  { policy, ...context }: Context<EvidencePolicy>,
): Promise<PlatformResult<EvidenceClaims>> {
  if (bytes.length > MAX_ATTESTATION_BYTES) return unreadable(tooLarge('the evidence'));
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

async function unreadable(why: PerigeeError): Promise<PlatformResult<never>> {
  const checks = new CheckList({ parse: 'hardware' });
  await checks.run('parse', () => {
    throw why;
  });
  return { platform: 'unknown', hardware: 'untested on hardware', checks: checks.all(), fields: [], claims: undefined, seen: {} };
}

function checkArguments(bytes: Uint8Array, { time, roots }: EvidenceOptions): void {
  checkRoots(roots);
  if (!(bytes instanceof Uint8Array)) throw new PerigeeError('INVALID_ARGUMENT', 'evidence is not a Uint8Array');
  if (!(time >= 0 && time <= LAST_TIME)) {
    throw new PerigeeError('INVALID_ARGUMENT', `time ${time} is not milliseconds since 1970`);
  }
}
