import { BLOCK_ID_FLAG, type HeaderAnswer, PerigeeError } from '@perigee/wire';
import {
  anchor,
  commitSignBytes,
  headerAnswerOf,
  type TrustAnchor,
  unverified,
  type VerifiedLightBlock,
  type VerifyOptions,
  verify,
  ZERO_TIME,
} from '../comet/index.ts';
import type { VerifyEd25519 } from '../signature/index.ts';

const ABSENT = { blockIdFlag: BLOCK_ID_FLAG.absent, validatorAddress: new Uint8Array(0), timestamp: ZERO_TIME };

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
  const { header, commit, validators } = block;
  const signatures = await Promise.all(
    commit.signatures.map(async (signature, i) => {
      const key = validators[i]?.publicKey;
      const isRight =
        key !== undefined &&
        signature.blockIdFlag === BLOCK_ID_FLAG.commit &&
        (await verifyEd25519(key, commitSignBytes(header.chainId, commit, i), signature.signature));
      return isRight ? signature : { ...ABSENT, signature: new Uint8Array(0) };
    }),
  );
  return headerAnswerOf({ ...block, commit: { ...commit, signatures } });
}
