import { afterNotEnoughTrust, afterVerified, nextHeight, planSkipping, type TrustAnchor } from '@perigee/light-core/comet';
import { PerigeeError } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { Verifier } from '../verify/verifier.ts';
import type { ChainFollower } from './chain-follower.ts';

export interface WayOptions {
  readonly trustRoot: TrustAnchor;
  readonly follower: Pick<ChainFollower, 'header'>;
  readonly verify: Pool<Verifier>;
  /** Local time, milliseconds since 1970. */
  readonly now: number;
  readonly signal: AbortSignal;
}

/**
 * Headers from the trust root to `height`, each of which vouches for the next. Who gives one that does not hold is not the only one asked.
 *
 * @param height of the trust root, or above
 * @returns encoded `HeaderAnswer`s, the last of them that of `height`
 * @throws what `ChainFollower.header` throws
 */
export async function wayTo(
  height: number,
  { trustRoot, follower, verify, now, signal }: WayOptions,
): Promise<readonly [Uint8Array, ...Uint8Array[]]> {
  const checkBy = (trusted: Uint8Array | undefined) => async (answer: Uint8Array) => {
    try {
      await verify.run('step', { trustRoot, trusted, answer, now }, { signal });
      return { answer, isVerified: true };
    } catch (error) {
      if (trusted === undefined || !(error instanceof PerigeeError) || error.code !== 'NOT_ENOUGH_TRUST') throw error;
      return { answer, isVerified: false };
    }
  };
  let { answer: trusted } = await follower.header(trustRoot.height, checkBy(undefined), { signal });
  const way: [Uint8Array, ...Uint8Array[]] = [trusted];
  if (height === trustRoot.height) return way;
  let plan = planSkipping(trustRoot.height, height);
  for (let next = nextHeight(plan); next !== undefined; next = nextHeight(plan)) {
    const { answer, isVerified } = await follower.header(next, checkBy(trusted), { signal });
    if (isVerified) {
      plan = afterVerified(plan);
      trusted = answer;
      way.push(answer);
    } else plan = afterNotEnoughTrust(plan);
  }
  return way;
}
