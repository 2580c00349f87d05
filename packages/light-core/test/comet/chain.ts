/** Makes chains with real keys and real signatures, the same bytes for the same seed. Used by tests and by the bench. */
import { ed25519 } from '@noble/curves/ed25519.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { BLOCK_ID_FLAG, type BlockId, type Commit, type Header, type HeaderAnswer, type Timestamp, utf8 } from '@perigee/wire';
import {
  commitHash,
  consensusHash,
  dataHash,
  evidenceHash,
  headerHash,
  lastResultsHash,
  sortValidators,
  validatorAddress,
  validatorSetHash,
  voteSignBytes,
  ZERO_TIME,
} from '../../src/comet/index.ts';

export interface TestValidator {
  readonly secretKey: Uint8Array;
  readonly publicKey: Uint8Array;
  readonly address: Uint8Array;
  readonly votingPower: bigint;
}

export type Flag = keyof typeof BLOCK_ID_FLAG;

export const CHAIN_ID = 'test-5eed5eed';
/** Time of height 1. */
export const START: Timestamp = { seconds: 1_790_000_000, nanos: 123_456_789 };
/** Seconds from block to block. */
export const BLOCK_SECONDS = 5;
const EMPTY: BlockId = { hash: new Uint8Array(0), partSetHeader: { total: 0, hash: new Uint8Array(0) } };

/** @param name the same name gives the same keys */
export function testValidators(name: string, powers: readonly (number | bigint)[]): TestValidator[] {
  return sortValidators(
    powers.map((power, i) => {
      const secretKey = sha256(utf8(`${name}/${i}`));
      const publicKey = ed25519.getPublicKey(secretKey);
      return { secretKey, publicKey, address: validatorAddress(publicKey), votingPower: BigInt(power) };
    }),
  );
}

export function validatorSet(validators: readonly TestValidator[]) {
  return {
    validators: validators.map(({ address, publicKey, votingPower }) => ({
      address,
      publicKey: { ed25519: publicKey },
      votingPower,
      proposerPriority: 0n,
    })),
    totalVotingPower: validators.reduce((sum, { votingPower }) => sum + votingPower, 0n),
  };
}

export interface BlockPlan {
  readonly height: number;
  readonly validators: readonly TestValidator[];
  /** Default: unchanged. */
  readonly next?: readonly TestValidator[];
  readonly previous?: HeaderAnswer | undefined;
  /** What the header says instead of the truth. It is hashed and signed. */
  readonly header?: Partial<Header>;
  /** How each validator votes. Default: all for the block. */
  readonly flag?: (index: number) => Flag;
  readonly round?: number;
}

export function makeHeader({ height, validators, next = validators, previous, header }: BlockPlan): Header {
  const { header: before, commit } = previous?.block.signedHeader ?? {};
  return {
    version: { block: 11, app: 1 },
    chainId: CHAIN_ID,
    height,
    time: { seconds: START.seconds + BLOCK_SECONDS * (height - 1), nanos: START.nanos },
    lastBlockId: before === undefined ? EMPTY : blockIdOf(before),
    lastCommitHash: commit === undefined ? evidenceHash() : commitHash(commit),
    dataHash: dataHash([utf8(`transaction of block ${height}`)]),
    validatorsHash: validatorSetHash(validatorSet(validators).validators),
    nextValidatorsHash: validatorSetHash(validatorSet(next).validators),
    consensusHash: consensusHash({ maxBytes: 4_194_304n, maxGas: -1n }),
    appHash: sha256(utf8(`state of block ${height - 1}`)),
    lastResultsHash: lastResultsHash([{ code: 0, data: new Uint8Array(0), gasWanted: 10, gasUsed: 9 }]),
    evidenceHash: evidenceHash(),
    proposerAddress: validators[0]?.address ?? new Uint8Array(0),
    ...header,
  };
}

/** The parts are made up: a light client does not see them. */
export function blockIdOf(header: Header): BlockId {
  const hash = headerHash(header);
  return { hash, partSetHeader: { total: 1, hash: sha256(hash) } };
}

export function makeCommit(
  header: Header,
  validators: readonly TestValidator[],
  { flag = () => 'commit', round = 0 }: Pick<BlockPlan, 'flag' | 'round'> = {},
): Commit {
  const blockId = blockIdOf(header);
  const { height, chainId } = header;
  const signatures = validators.map(({ address, secretKey }, i) => {
    const blockIdFlag = BLOCK_ID_FLAG[flag(i)];
    if (blockIdFlag === BLOCK_ID_FLAG.absent) {
      return { blockIdFlag, validatorAddress: new Uint8Array(0), timestamp: ZERO_TIME, signature: new Uint8Array(0) };
    }
    const timestamp = { seconds: header.time.seconds + 1, nanos: 1_000_003 * (i + 1) };
    const votedFor = blockIdFlag === BLOCK_ID_FLAG.commit ? blockId : undefined;
    const signature = ed25519.sign(voteSignBytes(chainId, { height, round, blockId: votedFor, timestamp }), secretKey);
    return { blockIdFlag, validatorAddress: address, timestamp, signature };
  });
  return { height, round, blockId, signatures };
}

export function makeBlock(plan: BlockPlan): HeaderAnswer {
  const header = makeHeader(plan);
  return {
    block: {
      signedHeader: { header, commit: makeCommit(header, plan.validators, plan) },
      validatorSet: validatorSet(plan.validators),
    },
    ...(plan.next === undefined ? {} : { nextValidators: validatorSet(plan.next) }),
  };
}

/**
 * @param validatorsAt the set of each height, from 1
 * @returns light blocks 1 to `length`; number `i` has height `i + 1`
 */
export function makeChain(length: number, validatorsAt: (height: number) => readonly TestValidator[]): HeaderAnswer[] {
  const blocks: HeaderAnswer[] = [];
  for (let height = 1; height <= length; height++) {
    const [validators, next] = [validatorsAt(height), validatorsAt(height + 1)];
    blocks.push(makeBlock({ height, validators, ...(next === validators ? {} : { next }), previous: blocks.at(-1) }));
  }
  return blocks;
}
