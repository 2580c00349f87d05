/** Headers that are not those of the chain. The trust root's own header is passed on, so that the lie is about what follows from it. */
import {
  headerHash,
  sortValidators,
  timestampOfMs,
  validatorAddress,
  validatorSetHash,
  voteSignBytes,
} from '@perigee/light-core/comet';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import {
  BLOCK_ID_FLAG,
  type Commit,
  type CommitSig,
  equal,
  type Header,
  type HeaderAnswer,
  type Infer,
  type ValidatorSet,
} from '@perigee/wire';
import type { LocalNetwork } from '../local-network.ts';
import { nativeSigner } from '../native-signer.ts';
import { eachAnswer, flipped, type HeaderLie, otherRequest } from './liar.ts';

/** The longest time that validators' votes may be ahead, and then some, milliseconds. */
const HOUR_MS = 3_600_000;
const ABSENT: Infer<typeof CommitSig> = {
  blockIdFlag: BLOCK_ID_FLAG.absent,
  validatorAddress: new Uint8Array(0),
  timestamp: { seconds: -62_135_596_800, nanos: 0 },
  signature: new Uint8Array(0),
};

interface Parts {
  readonly header: Header;
  readonly commit: Commit;
  readonly validators: ValidatorSet;
}

/** Another application state under the old signatures: the commit is of another header. */
export const changedHeader: HeaderLie = lieOf(({ header, ...rest }) => ({
  ...rest,
  header: { ...header, appHash: flipped(header.appHash) },
}));

/** The true header with signatures that are none. */
export const forgedCommit: HeaderLie = lieOf(({ commit, ...rest }) => ({
  ...rest,
  commit: {
    ...commit,
    signatures: commit.signatures.map((one) => ({ ...one, signature: flipped(one.signature, 40) })),
  },
}));

/** The same header for another chain. */
export const otherChain: HeaderLie = lieOf(({ header, ...rest }) => ({
  ...rest,
  header: { ...header, chainId: 'other-00000000' },
}));

/** A header of another height than the one that is asked for. */
export const otherHeight: HeaderLie = otherRequest((request) => ({ ...request, height: Math.max(1, request.height - 1) }));

/** A header that is sound in itself, by validators that the liar made up. */
export function otherValidators(): HeaderLie {
  const signers = [7, 8, 9].map((i) => nativeSigner(new Uint8Array(32).fill(i)));
  const validators = sortValidators(
    signers.map(({ publicKey }) => ({ address: validatorAddress(publicKey), publicKey, votingPower: 10n })),
  );
  const set: ValidatorSet = {
    validators: validators.map(({ publicKey, ...one }) => ({ ...one, publicKey: { ed25519: publicKey }, proposerPriority: 0n })),
    totalVotingPower: 30n,
  };
  const hash = validatorSetHash(set.validators);
  return lieOf(({ header }) => resigned({ ...header, validatorsHash: hash, nextValidatorsHash: hash }, set, signers));
}

/** A header an hour ahead of its time, signed by the chain's own validators. */
export function futureHeader({ validators }: LocalNetwork): HeaderLie {
  return lieOf(({ header, validators: set }) =>
    resigned({ ...header, time: timestampOfMs(Date.now() + HOUR_MS) }, set, validators),
  );
}

/** Another header of the same height, signed by two of four validators: enough for a third, not for two. */
export function conflictingHeader({ validators }: LocalNetwork): HeaderLie {
  return lieOf(({ header, validators: set }) =>
    resigned({ ...header, appHash: flipped(header.appHash) }, set, validators.slice(0, 2)),
  );
}

/** Another header of the same height, signed by all validators of the chain: it is as good as the other. From this height on. */
export function secondHeader({ validators }: LocalNetwork, from = 2): HeaderLie {
  return lieOf(({ header, ...parts }) =>
    header.height < from
      ? { header, ...parts }
      : resigned({ ...header, appHash: flipped(header.appHash) }, parts.validators, validators),
  );
}

function lieOf(change: (parts: Parts) => Parts | Promise<Parts>): HeaderLie {
  return eachAnswer(async (answer): Promise<HeaderAnswer> => {
    const { signedHeader, validatorSet } = answer.block;
    if (signedHeader?.header === undefined || signedHeader.commit === undefined || validatorSet === undefined) return answer;
    if (signedHeader.header.height === 1) return answer;
    const { header, commit, validators } = await change({
      header: signedHeader.header,
      commit: signedHeader.commit,
      validators: validatorSet,
    });
    return { block: { signedHeader: { header, commit }, validatorSet: validators } };
  });
}

/** The header with a commit by those signers; the other validators are absent. */
async function resigned(header: Header, validators: ValidatorSet, signers: readonly Ed25519Signer[]): Promise<Parts> {
  const { chainId, height, time: timestamp } = header;
  const blockId = { hash: headerHash(header), partSetHeader: { total: 1, hash: new Uint8Array(32).fill(1) } };
  const message = voteSignBytes(chainId, { height, round: 0, blockId, timestamp });
  const signatures = validators.validators.map(async ({ address, publicKey }) => {
    const signer = signers.find((each) => equal(each.publicKey, publicKey.ed25519 ?? new Uint8Array(0)));
    if (signer === undefined) return ABSENT;
    return { blockIdFlag: BLOCK_ID_FLAG.commit, validatorAddress: address, timestamp, signature: await signer.sign(message) };
  });
  return { header, commit: { height, round: 0, blockId, signatures: await Promise.all(signatures) }, validators };
}
