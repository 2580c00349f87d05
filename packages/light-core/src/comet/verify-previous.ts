import { equal, type Header, PerigeeError } from '@perigee/wire';
import { checkHeader } from './check-header.ts';
import { headerHash } from './header-hash.ts';
import { formatTime, unixNanos } from './time.ts';
import { contentOf, type Unverified } from './unverified.ts';
import { markVerified, type VerifiedHeader } from './verified.ts';

/**
 * The header before a verified one: `last_block_id` names it, so no signature is needed. What was final stays so; the trusting period of
 * `trusted` was checked when it was verified.
 *
 * @throws WRONG_CHAIN, HEADER, HEADER_TIME, HEADER_HASH
 */
export function verifyPrevious(trusted: VerifiedHeader, previous: Unverified<Header>): VerifiedHeader {
  const header = contentOf(previous);
  const { height, time, chainId, lastBlockId } = trusted.header;
  checkHeader(header, chainId);
  if (header.height !== height - 1) {
    throw new PerigeeError('HEADER', `header ${header.height} does not come right before header ${height}`);
  }
  const hash = headerHash(header);
  if (!equal(hash, lastBlockId.hash)) {
    throw new PerigeeError('HEADER_HASH', `header ${header.height} is not the one that header ${height} follows`);
  }
  if (unixNanos(header.time) >= unixNanos(time)) {
    throw new PerigeeError(
      'HEADER_TIME',
      `header ${header.height} of ${formatTime(header.time)} is not earlier than header ${height}`,
    );
  }
  return markVerified({ header, headerHash: hash });
}
