/** Counting the power behind a commit (CometBFT `types.VerifyCommitLight` and `VerifyCommitLightTrusting`). */
import { BLOCK_ID_FLAG, PerigeeError, SIGNATURES_AT_ONCE, toHex } from '@perigee/wire';
import { firstInvalid, type SignedMessage, type VerifyEd25519 } from '../signature/index.ts';
import { type SigningValidator, totalPower } from './check-validators.ts';
import type { LightBlock } from './light-block.ts';
import { commitSignBytes } from './vote.ts';

/** A share of voting power that must be exceeded. */
export interface Fraction {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/** Signatures of one commit that were found right, by position: both counts share them. */
export type CheckedSignatures = Set<number>;

/**
 * @param from validators whose power counts: those of the block, or an older set that is trusted. Each is looked at once, so none counts twice.
 * @param checked in and out
 * @returns whether more than `share` of `from`, rounded down to whole power, has signed. Signatures are looked at only then, and no more of
 *   them than it takes.
 * @throws SIGNATURE when one that is needed is wrong
 */
export async function hasSigned(
  block: LightBlock,
  from: readonly SigningValidator[],
  share: Fraction,
  checked: CheckedSignatures,
  verifyEd25519: VerifyEd25519,
): Promise<boolean> {
  const needed = (totalPower(from) * share.numerator) / share.denominator;
  const counted: number[] = [];
  let power = 0n;
  for (const [validator, position] of signers(block, from)) {
    power += validator.votingPower;
    if (!checked.has(position)) counted.push(position);
    if (power > needed) break;
  }
  if (power <= needed) return false;
  const bad = await firstInvalid(
    verifyEd25519,
    counted.map((position) => signedMessage(block, position)),
  );
  if (bad !== undefined) {
    const { height } = block.header;
    throw new PerigeeError('SIGNATURE', `signature ${counted[bad]} of the commit for header ${height} is wrong`);
  }
  for (const position of counted) checked.add(position);
  return true;
}

/**
 * Share of a block's voting power, 0 to 1, whose signatures for it are right. Looks at every signature, which verification does not need: it is to be
 * shown, and what is shown is verified.
 */
export async function signedShare(block: LightBlock, verifyEd25519: VerifyEd25519): Promise<number> {
  const all = [...signers(block, block.validators)];
  let power = 0n;
  for (let at = 0; at < all.length; at += SIGNATURES_AT_ONCE) {
    const some = all.slice(at, at + SIGNATURES_AT_ONCE);
    const valid = await Promise.all(
      some.map(([, position]) => {
        const { publicKey, message, signature } = signedMessage(block, position);
        return verifyEd25519(publicKey, message, signature);
      }),
    );
    some.forEach(([validator], i) => {
      if (valid[i] === true) power += validator.votingPower;
    });
  }
  // six digits are more than a page shows; the division itself is exact
  return Number((power * 1_000_000n) / totalPower(block.validators)) / 1_000_000;
}

/** Validators of `from` that signed for the block, each with the position of its signature. Votes for no block do not count. */
function* signers(block: LightBlock, from: readonly SigningValidator[]): Generator<[SigningValidator, number]> {
  // by key, not by address: a right signature then is right for both sets, whatever an address collides with
  const positions = new Map(block.validators.map(({ publicKey }, position) => [toHex(publicKey), position]));
  for (const validator of from) {
    const position = positions.get(toHex(validator.publicKey));
    if (position !== undefined && block.commit.signatures[position]?.blockIdFlag === BLOCK_ID_FLAG.commit) {
      yield [validator, position];
    }
  }
}

function signedMessage({ header, commit, validators }: LightBlock, position: number): SignedMessage {
  const signature = commit.signatures[position]?.signature;
  const publicKey = validators[position]?.publicKey;
  if (signature === undefined || publicKey === undefined) throw new PerigeeError('INTERNAL', `no signature ${position}`);
  return { publicKey, message: commitSignBytes(header.chainId, commit, position), signature };
}
