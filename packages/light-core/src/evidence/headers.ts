import { type HeaderAnswer, PerigeeError } from '@perigee/wire';
import {
  anchor,
  headerAnswerOf,
  rightSignatures,
  type TrustAnchor,
  unverified,
  type VerifiedLightBlock,
  type VerifyOptions,
  verify,
} from '../comet/index.ts';
import type { VerifyEd25519 } from '../signature/index.ts';

/**
 * Verifies headers from that of the trust root on, each by the one before.
 *
 * @throws EVIDENCE when there is none; what `anchor` and `verify` throw
 */
export async function verifyHeaders(
  root: TrustAnchor,
  headers: readonly HeaderAnswer[],
  options: VerifyOptions,
): Promise<{ readonly all: readonly VerifiedLightBlock[]; readonly last: VerifiedLightBlock }> {
  const [first, ...later] = headers;
  if (first === undefined) throw new PerigeeError('EVIDENCE', 'the evidence holds no headers');
  let last = await anchor(root, unverified(first), options);
  const all = [last];
  for (const header of later) {
    last = await verify(last, unverified(header), options);
    all.push(last);
  }
  return { all, last };
}

/**
 * The one form in which evidence holds a verified header: what no hash and no signature covers is left out, and so are signatures that are wrong or for
 * no block. Verification does not need them, and bytes that nobody checks could say anything.
 */
export async function bareHeader(block: VerifiedLightBlock, verifyEd25519: VerifyEd25519): Promise<HeaderAnswer> {
  return headerAnswerOf({ ...block, commit: { ...block.commit, signatures: await rightSignatures(block, verifyEd25519) } });
}
