import { PerigeeError } from '@perigee/wire';

/**
 * Where a search for a way from a trusted header to a target stands (skipping verification by bisection). Plain and immutable; whoever
 * does the fetching asks `nextHeight`, verifies that block, and goes on with what came of it.
 */
export interface SkippingPlan {
  /** Height of the latest verified header. */
  readonly trusted: number;
  /** Heights to verify, the target first and the nearest last. At most about 70. */
  readonly pending: readonly number[];
}

/** @throws INVALID_ARGUMENT unless `target` is above `trusted` */
export function planSkipping(trusted: number, target: number): SkippingPlan {
  if (!Number.isSafeInteger(trusted) || !Number.isSafeInteger(target) || target <= trusted) {
    throw new PerigeeError('INVALID_ARGUMENT', `there is no way forward from height ${trusted} to height ${target}`);
  }
  return { trusted, pending: [target] };
}

/** Height of the block to verify next by the one at `plan.trusted`; `undefined` once the target is verified. */
export function nextHeight(plan: SkippingPlan): number | undefined {
  return plan.pending.at(-1);
}

/** The block at `nextHeight` was verified. */
export function afterVerified(plan: SkippingPlan): SkippingPlan {
  return { trusted: nextHeight(plan) ?? plan.trusted, pending: plan.pending.slice(0, -1) };
}

/**
 * The block at `nextHeight` was refused with NOT_ENOUGH_TRUST: one between comes first. At nine sixteenths of the way, as in CometBFT, where
 * sets that change slowly need fewer steps than with halves.
 *
 * @throws INVALID_ARGUMENT when there is none between, where a right verifier never gives NOT_ENOUGH_TRUST
 */
export function afterNotEnoughTrust(plan: SkippingPlan): SkippingPlan {
  const { trusted, pending } = plan;
  const gap = (nextHeight(plan) ?? trusted) - trusted;
  if (gap < 2) throw new PerigeeError('INVALID_ARGUMENT', `no header lies between ${trusted} and ${trusted + gap}`);
  // whole and remainder apart: 9 × gap could leave the exact numbers
  const step = Math.floor(gap / 16) * 9 + Math.floor(((gap % 16) * 9) / 16);
  return { trusted, pending: [...pending, trusted + step] };
}
