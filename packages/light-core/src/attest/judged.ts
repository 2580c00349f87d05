import { MAX_ATTESTATION_BYTES, PerigeeError } from '@perigee/wire';
import { CheckList } from './check.ts';
import { tooLarge } from './code.ts';
import type { Collateral, Floors } from './collateral.ts';
import type { Context, VerifyPlatform } from './context.ts';
import { counted } from './counted.ts';
import type { AttestCrypto } from './crypto.ts';
import { type AttestationReport, type PlatformResult, realReport, simulatedReport } from './report.ts';
import { checkRoots, type Roots } from './roots.ts';
import { floorsUnder, seenUnder } from './simulated-names.ts';
import { checkTime } from './time.ts';

/** What evidence is judged by, besides itself. */
export interface JudgeOptions<Policy> {
  readonly collateral: Collateral;
  /** Trusted time, milliseconds since 1970: the light client's, or that of a block. */
  readonly time: number;
  readonly policy: Policy;
  readonly crypto: AttestCrypto;
  readonly roots: Roots;
  /** What was seen before; none at first. */
  readonly floors?: Floors;
}

/**
 * The frame around each platform: arguments, bounds, and which kind of report it is.
 *
 * @throws INVALID_ARGUMENT
 */
export async function judged<Policy, Claims>(
  bytes: Uint8Array,
  options: JudgeOptions<Policy>,
  verify: VerifyPlatform<Policy, Claims>,
): Promise<AttestationReport<Claims>> {
  const { time, floors = {} } = options;
  const roots = checkRoots(options.roots);
  if (!(bytes instanceof Uint8Array)) throw new PerigeeError('INVALID_ARGUMENT', 'evidence is not a Uint8Array');
  checkTime(time);
  const context: Context<Policy> = {
    ...options,
    time,
    roots, // as they were checked: an option may be read only once
    crypto: counted(options.crypto),
    floors: floorsUnder(roots, floors),
  };
  const found = bytes.length > MAX_ATTESTATION_BYTES ? await unreadable(tooLarge('the evidence')) : await verify(bytes, context);
  const result = { ...found, seen: seenUnder(roots, found.seen) };
  return roots === 'vendor' ? realReport(result) : simulatedReport(result);
}

/** The result for bytes that no platform takes. */
export async function unreadable(why: PerigeeError): Promise<PlatformResult<never>> {
  const checks = new CheckList({ parse: 'hardware' });
  await checks.run('parse', () => {
    throw why;
  });
  return { platform: 'unknown', hardware: 'untested on hardware', checks: checks.all(), fields: [], claims: undefined, seen: {} };
}
