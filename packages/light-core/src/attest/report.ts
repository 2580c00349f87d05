import { type Check, capLabel, type Label, labelOf, overallOf } from './check.ts';
import type { Seen } from './collateral.ts';

/** What a platform can be. Each has its folder, its closed set of checks and its kind of claims. */
export type Platform = 'intel-tdx' | 'intel-sgx' | 'amd-sev-snp' | 'nvidia-gpu' | 'aws-nitro';

/** A raw field of the evidence, to be shown: nothing vouches for it. */
export interface Field {
  readonly name: string;
  /** Hexadecimal, a number or words. */
  readonly value: string;
}

/** What verifying one platform's evidence gives, before it is told apart by its roots. */
export interface PlatformResult<Claims> {
  readonly platform: Platform | 'unknown';
  /** Whether a real report of this platform was ever verified by this code. */
  readonly hardware: 'tested' | 'untested on hardware';
  readonly checks: readonly Check[];
  readonly fields: readonly Field[];
  /** What the evidence says; read only where all required checks passed. */
  readonly claims: Claims | undefined;
  readonly seen: Seen;
}

interface Common {
  readonly platform: Platform | 'unknown';
  readonly hardware: 'tested' | 'untested on hardware';
  /** All checks of the platform, in a fixed order. */
  readonly checks: readonly Check[];
  readonly fields: readonly Field[];
  /** The newest collateral of this verification: what the caller keeps and gives as `floors` the next time. */
  readonly seen: Seen;
}

interface Passed<Claims> {
  readonly overall: 'pass';
  readonly claims: Claims;
}

interface Failed {
  readonly overall: 'fail';
  readonly claims?: never;
}

/** Evidence against the roots of the vendors, which are part of this program. */
export type RealReport<Claims = unknown> = Common & { readonly label: Label } & (
    | (Passed<Claims> & { readonly status: 'real-pass' })
    | (Failed & { readonly status: 'real-fail' })
  );

/**
 * Evidence against the roots of a development genesis. There is no function that turns one into a `RealReport`, and it has no label: what it would be
 * called if it were real is for tests and rehearsals.
 */
export type SimulatedReport<Claims = unknown> = Common & {
  readonly status: 'simulated';
  readonly label?: never;
  readonly imitates: Label;
} & (Passed<Claims> | Failed);

export type AttestationReport<Claims = unknown> = RealReport<Claims> | SimulatedReport<Claims>;

/** The report, capped by checks of what its evidence vouches for. */
export function capReport<Claims>(report: AttestationReport<Claims>, checks: readonly Check[]): AttestationReport<Claims> {
  return report.status === 'simulated'
    ? { ...report, imitates: capLabel(report.imitates, checks) }
    : { ...report, label: capLabel(report.label, checks) };
}

export function realReport<Claims>(result: PlatformResult<Claims>): RealReport<Claims> {
  const { claims, ...common } = result;
  const label = labelOf(result.checks);
  return claims !== undefined && overallOf(result.checks) === 'pass'
    ? { ...common, label, status: 'real-pass', overall: 'pass', claims }
    : { ...common, label: 'none', status: 'real-fail', overall: 'fail' };
}

export function simulatedReport<Claims>(result: PlatformResult<Claims>): SimulatedReport<Claims> {
  const { claims, ...common } = result;
  const imitates = labelOf(result.checks);
  return claims !== undefined && overallOf(result.checks) === 'pass'
    ? { ...common, imitates, status: 'simulated', overall: 'pass', claims }
    : { ...common, imitates: 'none', status: 'simulated', overall: 'fail' };
}
