import { PerigeeError } from '@perigee/wire';
import type { Collateral, Floors, Seen } from '../collateral.ts';
import type { Context } from '../context.ts';
import { counted } from '../counted.ts';
import type { AttestCrypto } from '../crypto.ts';
import { checkFloors } from '../floors.ts';
import type { Found } from '../part.ts';
import { checkRoots, type Roots } from '../roots.ts';
import { floorsUnder, seenUnder } from '../simulated-names.ts';
import { checkTime } from '../time.ts';
import { type Bundle, type BundleOf, collateralOf, decodeBundle, isIntelBundle } from './bundle.ts';
import { subjectText } from './subject.ts';

export interface BundleOptions {
  readonly crypto: AttestCrypto;
  /** Trusted time, milliseconds since 1970. */
  readonly time: number;
  readonly roots: Roots;
  /** What it must be about. */
  readonly subject: string;
  /** What was seen before; none at first. */
  readonly floors?: Floors;
}

/** Collateral that its vendor has signed, and that is current. */
export interface VerifiedBundle {
  readonly subject: string;
  readonly file: Uint8Array;
  readonly collateral: Collateral;
  /** Its numbers: what the caller keeps, with `raiseFloors`. */
  readonly seen: Seen;
  /** The higher, number by number, the newer: compare by `isNewer`. */
  readonly rank: readonly number[];
  /** When its newest part was made, and until when all of it holds, milliseconds since 1970. */
  readonly issuedMs: number;
  readonly untilMs: number;
}

/**
 * Verifies a file of collateral whole, without any evidence: each part up to a pinned root, current, of what was asked for, and not older than what was
 * seen before. Whoever brought it need not be trusted.
 *
 * @throws ATTESTATION, with `data.part` and `data.check`; what `decodeBundle` throws; INVALID_ARGUMENT (roots, time)
 */
export async function verifyBundle(file: Uint8Array, options: BundleOptions): Promise<VerifiedBundle> {
  const { subject, roots, floors = {}, time } = { ...options };
  checkRoots(roots);
  checkTime(time);
  const bundle = decodeBundle(file);
  const own = subjectText(bundle.subject);
  if (own !== subject)
    throw new PerigeeError('ATTESTATION', `the collateral is of ${own}, not of ${subject}`, { data: { check: 'IDENTITY' } });
  const context = { crypto: counted(options.crypto), time, roots, collateral: {}, policy: undefined, floors: {} };
  const { seen, rank, issued, until } = await verifyParts(bundle, context);
  checkFloors(seen, floorsUnder(roots, floors));
  return {
    subject,
    file,
    collateral: collateralOf(bundle),
    seen: seenUnder(roots, seen),
    rank,
    issuedMs: issued * 1_000,
    untilMs: until * 1_000,
  };
}

/** Whether one bundle of a subject is newer than another. That one part of it is says nothing: who withholds another part may well have that. */
export function isNewer(one: Pick<VerifiedBundle, 'rank'>, than: Pick<VerifiedBundle, 'rank'>): boolean {
  const at = one.rank.findIndex((number, i) => number !== than.rank[i]);
  return at >= 0 && (one.rank[at] as number) > (than.rank[at] ?? -1);
}

/** Each vendor is a chunk of its own, as in the verification of evidence. */
async function verifyParts(bundle: Bundle, context: Context<unknown>): Promise<Found> {
  if (isIntelBundle(bundle)) return (await import('../intel/index.ts')).verifyIntelBundle(bundle, context);
  return (await import('../amd/index.ts')).verifyAmdBundle(bundle as BundleOf<'amd'>, context);
}
