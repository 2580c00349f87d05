import { BLOCK_ID_FLAG, type Commit, SIGNATURES_AT_ONCE } from '@perigee/wire';
import type { VerifyEd25519 } from '../signature/index.ts';
import type { LightBlock } from './light-block.ts';
import { ZERO_TIME } from './time.ts';
import { commitSignBytes } from './vote.ts';

/**
 * The commit with only what is proved in it: signatures that are wrong or vote for no block are marked absent. Verification looks at no more
 * signatures than it needs, so the rest of a verified commit may be anything; whoever judges evidence looks at all of them.
 */
export async function rightSignatures(
  { header, commit, validators }: LightBlock,
  verifyEd25519: VerifyEd25519,
): Promise<Commit['signatures']> {
  const kept: Commit['signatures'][number][] = [];
  for (let start = 0; start < commit.signatures.length; start += SIGNATURES_AT_ONCE) {
    const group = commit.signatures.slice(start, start + SIGNATURES_AT_ONCE);
    const checked = group.map(async (signature, i) => {
      const key = validators[start + i]?.publicKey;
      const isRight =
        key !== undefined &&
        signature.blockIdFlag === BLOCK_ID_FLAG.commit &&
        (await verifyEd25519(key, commitSignBytes(header.chainId, commit, start + i), signature.signature));
      return isRight ? signature : absent();
    });
    kept.push(...(await Promise.all(checked)));
  }
  return kept;
}

function absent(): Commit['signatures'][number] {
  const none = new Uint8Array(0);
  return { blockIdFlag: BLOCK_ID_FLAG.absent, validatorAddress: none, timestamp: ZERO_TIME, signature: none };
}
