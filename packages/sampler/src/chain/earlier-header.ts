import type { TrustAnchor } from '@perigee/light-core/comet';
import type { Clock } from '@perigee/light-core/roles';
import { PerigeeError, PROOF_WINDOW_HEIGHTS } from '@perigee/wire';
import type { Pool } from '@perigee/workers';
import type { KeptHeader } from '../store/light-store.ts';
import type { Verifier } from '../verify/verifier.ts';
import type { ChainFollower } from './chain-follower.ts';
import { wayTo } from './way-to.ts';

/**
 * Headers that are gone back from the head to an earlier one, one by one, where it is near, as what most ask for is: that takes no trust root, which may
 * have expired since what was verified by it goes on.
 */
const NEAR_HEADERS = 16;

export interface EarlierHeaderOptions {
  readonly trustRoot: TrustAnchor;
  readonly follower: Pick<ChainFollower, 'header' | 'trusted'>;
  readonly verify: Pool<Verifier>;
  readonly clock: Clock;
  readonly signal: AbortSignal;
}

/**
 * A header up to the head, which headers that follow it name, or the trust root vouches for.
 *
 * @returns with its encoded `HeaderAnswer`
 * @throws PRUNED when it is too long before the trust root; NOT_FOUND above the head; what `ChainFollower.header` throws
 */
export async function earlierHeader(height: number, options: EarlierHeaderOptions): Promise<KeptHeader> {
  const { trustRoot, follower, verify, clock, signal } = options;
  let next = follower.trusted;
  if (next === undefined || next.height < height) {
    throw new PerigeeError('NOT_FOUND', `header ${height} was asked for; headers are verified to ${next?.height ?? 0}`);
  }
  if (next.height - height > NEAR_HEADERS) {
    const from = Math.max(height, trustRoot.height);
    if (from - height > PROOF_WINDOW_HEIGHTS) {
      const words = `block ${height} lies long before the trust root (${trustRoot.height}): name an earlier header with --trust`;
      throw new PerigeeError('PRUNED', words);
    }
    const way = await wayTo(from, { trustRoot, follower, verify, now: clock.now(), signal });
    next = { height: from, answer: way.at(-1) ?? way[0] };
  }
  while (next.height > height) next = await headerBefore(next, options);
  return next;
}

/** The header that a verified one follows. */
export async function headerBefore(later: KeptHeader, options: EarlierHeaderOptions): Promise<KeptHeader> {
  const { trustRoot, follower, verify, signal } = options;
  const isPrevious = async (answer: Uint8Array): Promise<Uint8Array> => {
    await verify.run('previous', { chainId: trustRoot.chainId, next: later.answer, answer }, { signal });
    return answer;
  };
  const height = later.height - 1;
  return { height, answer: await follower.header(height, isPrevious, { signal }) };
}
