/**
 * Attacks on light clients (CometBFT `light/detector.go`, `types/evidence.go`; specification "Light client attack detectors"): two blocks
 * that follow from one, told apart into the three kinds that there are, and the evidence that full nodes take.
 */
import {
  BLOCK_ID_FLAG,
  type CometEvidence,
  equal,
  type Header,
  PerigeeError,
  toHex,
  type Validator,
  type ValidatorSet,
} from '@perigee/wire';
import type { VerifyEd25519 } from '../signature/index.ts';
import { type SigningValidator, totalPower } from './check-validators.ts';
import type { LightBlock } from './light-block.ts';
import { rightSignatures } from './right-signatures.ts';
import { sortValidators } from './validator-set.ts';
import type { VerifiedLightBlock } from './verified.ts';

/**
 * `lunatic`: a header that no execution of the chain led to. `equivocation`: a second block, rightly derived, in the same round; who signed
 * both is known. `amnesia`: one in another round; the headers do not tell who forgot what it was locked on, so nobody is accused.
 */
export type AttackKind = 'lunatic' | 'equivocation' | 'amnesia';

export interface Attack {
  readonly kind: AttackKind;
  /** Those whom the evidence names; none for amnesia. */
  readonly byzantine: readonly SigningValidator[];
  readonly evidence: CometEvidence;
}

export interface Divergence {
  /** The last block that both sides have. */
  readonly common: VerifiedLightBlock;
  /** What the side has that is taken to be right, at the height of `conflicting`, or below it when it has none there. */
  readonly trusted: VerifiedLightBlock;
  /** What the other side has. */
  readonly conflicting: VerifiedLightBlock;
}

/**
 * Evidence against those who signed `conflicting`, as the full nodes of `trusted` judge it: names the validators, and leaves out of the
 * commit whatever would have it refused.
 *
 * @throws INVALID_ARGUMENT when the blocks do not diverge
 */
export async function attackOf({ common, trusted, conflicting }: Divergence, verifyEd25519: VerifyEd25519): Promise<Attack> {
  if (equal(trusted.headerHash, conflicting.headerHash) || common.header.height >= conflicting.header.height) {
    throw new PerigeeError('INVALID_ARGUMENT', `header ${conflicting.header.height} does not diverge from the trusted one`);
  }
  const [theirs, ours] = await Promise.all([onlyRight(conflicting, verifyEd25519), onlyRight(trusted, verifyEd25519)]);
  const kind = kindOf(ours, theirs);
  const byzantine =
    kind === 'lunatic' ? signersOf(theirs, common.validators) : kind === 'amnesia' ? [] : signersOfBoth(ours, theirs);
  const infraction = kind === 'lunatic' ? common : trusted;
  return {
    kind,
    byzantine,
    evidence: {
      lightClientAttack: {
        conflictingBlock: {
          signedHeader: { header: theirs.header, commit: theirs.commit },
          validatorSet: evidenceSet(theirs),
        },
        commonHeight: infraction.header.height,
        byzantineValidators: byzantine.map(validatorOf),
        totalVotingPower: totalPower(infraction.validators),
        timestamp: infraction.header.time,
      },
    },
  };
}

function kindOf(trusted: LightBlock, conflicting: LightBlock): AttackKind {
  if (!isSameState(trusted.header, conflicting.header)) return 'lunatic';
  return trusted.commit.round === conflicting.commit.round ? 'equivocation' : 'amnesia';
}

/** Whether all that execution determines is the same in both. */
function isSameState(a: Header, b: Header): boolean {
  return (
    equal(a.validatorsHash, b.validatorsHash) &&
    equal(a.nextValidatorsHash, b.nextValidatorsHash) &&
    equal(a.consensusHash, b.consensusHash) &&
    equal(a.appHash, b.appHash) &&
    equal(a.lastResultsHash, b.lastResultsHash)
  );
}

/** Validators of `from` that signed the block. */
function signersOf({ commit, validators }: LightBlock, from: readonly SigningValidator[]): SigningValidator[] {
  const signed = new Set(
    validators
      .filter((_, i) => commit.signatures[i]?.blockIdFlag === BLOCK_ID_FLAG.commit)
      .map(({ publicKey }) => toHex(publicKey)),
  );
  return sortValidators(from.filter(({ publicKey }) => signed.has(toHex(publicKey))));
}

/** Both have the same set, so the same place is the same validator. */
function signersOfBoth(a: LightBlock, b: LightBlock): SigningValidator[] {
  const signed = ({ commit }: LightBlock, i: number): boolean => commit.signatures[i]?.blockIdFlag === BLOCK_ID_FLAG.commit;
  return sortValidators(b.validators.filter((_, i) => signed(a, i) && signed(b, i)));
}

async function onlyRight(block: LightBlock, verifyEd25519: VerifyEd25519): Promise<LightBlock> {
  return { ...block, commit: { ...block.commit, signatures: await rightSignatures(block, verifyEd25519) } };
}

/** Full nodes ask for a proposer, one of the set; nothing that counts depends on which. CometBFT writes no total. */
function evidenceSet({ header, validators }: LightBlock): ValidatorSet {
  const proposer = validators.find(({ address }) => equal(address, header.proposerAddress)) ?? validators[0];
  return {
    validators: validators.map(validatorOf),
    ...(proposer === undefined ? {} : { proposer: validatorOf(proposer) }),
    totalVotingPower: 0n,
  };
}

function validatorOf({ address, publicKey, votingPower }: SigningValidator): Validator {
  return { address, publicKey: { ed25519: publicKey }, votingPower, proposerPriority: 0n };
}
