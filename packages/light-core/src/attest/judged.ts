import { MAX_ATTESTATION_BYTES, PerigeeError } from '@perigee/wire';
import { CheckList } from './check.ts';
import { tooLarge } from './code.ts';
import type { Collateral, Floors } from './collateral.ts';
import type { Context, VerifyPlatform } from './context.ts';
import { counted } from './counted.ts';
import type { AttestCrypto } from './crypto.ts';
import { type AttestationReport, type PlatformResult, realReport, simulatedReport } from './report.ts';
import { checkRoots, type Roots } from './roots.ts';

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

/** Last millisecond that ECMAScript has a date for. */
const LAST_TIME = 8.64e15;

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
  if (!(time >= 0 && time <= LAST_TIME))
    throw new PerigeeError('INVALID_ARGUMENT', `time ${time} is not milliseconds since 1970`);
  const isReal = roots === 'vendor';
  const context: Context<Policy> = {
    ...options,
    crypto: counted(options.crypto),
    floors: isReal ? floors : renamed(floors, withoutPrefix),
  };
  const result = bytes.length > MAX_ATTESTATION_BYTES ? await unreadable(tooLarge('the evidence')) : await verify(bytes, context);
  return isReal
    ? realReport(result)
    : simulatedReport({ ...result, seen: renamed(result.seen, (name) => `${SIMULATED}${name}`) });
}

/** The result for bytes that no platform takes. */
export async function unreadable(why: PerigeeError): Promise<PlatformResult<never>> {
  const checks = new CheckList({ parse: 'hardware' });
  await checks.run('parse', () => {
    throw why;
  });
  return { platform: 'unknown', hardware: 'untested on hardware', checks: checks.all(), fields: [], claims: undefined, seen: {} };
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
