import {
  commitHash,
  consensusHash,
  dataHash,
  evidenceHash,
  headerHash,
  partSetHeader,
  validatorSetHash,
  voteSignBytes,
} from '@perigee/light-core/comet';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import {
  BLOCK_ID_FLAG,
  type Block,
  type BlockId,
  type Commit,
  type CommitSig,
  equal,
  type Header,
  PerigeeError,
  type Timestamp,
  type ValidatorSet,
} from '@perigee/wire';
import { proposerOf } from './validator-set.ts';

/** Version of the block format (CometBFT `version.BlockProtocol`). */
const BLOCK_VERSION = 11;

export interface BlockParts {
  readonly chainId: string;
  readonly height: number;
  readonly time: Timestamp;
  readonly appVersion: number;
  readonly lastBlockId: BlockId;
  /** Of the block before; without signatures at the first height. */
  readonly lastCommit: Commit;
  readonly txs: readonly Uint8Array[];
  readonly validators: ValidatorSet;
  readonly nextValidators: ValidatorSet;
  readonly blockLimits: { readonly maxBytes: bigint; readonly maxGas: bigint };
  /** Of the block before. */
  readonly appHash: Uint8Array;
  readonly lastResultsHash: Uint8Array;
}

/** Put a block together as CometBFT does. */
export function makeBlock(parts: BlockParts): { block: Block; blockId: BlockId } {
  const header: Header = {
    version: { block: BLOCK_VERSION, app: parts.appVersion },
    chainId: parts.chainId,
    height: parts.height,
    time: parts.time,
    lastBlockId: parts.lastBlockId,
    lastCommitHash: commitHash(parts.lastCommit),
    dataHash: dataHash(parts.txs),
    validatorsHash: validatorSetHash(parts.validators.validators),
    nextValidatorsHash: validatorSetHash(parts.nextValidators.validators),
    consensusHash: consensusHash(parts.blockLimits),
    appHash: parts.appHash,
    lastResultsHash: parts.lastResultsHash,
    evidenceHash: evidenceHash(),
    proposerAddress: proposerOf(parts.validators).address,
  };
  const block: Block = { header, data: { txs: parts.txs }, evidence: {}, lastCommit: parts.lastCommit };
  return { block, blockId: { hash: headerHash(header), partSetHeader: partSetHeader(block) } };
}

/**
 * Sign a block with every validator.
 *
 * @param signers one for each validator, in any order
 */
export async function signCommit(
  { header }: Block,
  blockId: BlockId,
  { validators }: ValidatorSet,
  signers: readonly Ed25519Signer[],
  timestamp: Timestamp,
): Promise<Commit> {
  const { chainId, height } = header;
  const message = voteSignBytes(chainId, { height, round: 0, blockId, timestamp });
  const signatures = await Promise.all(
    validators.map(async ({ address, publicKey }): Promise<CommitSig> => {
      const signer = signers.find((candidate) => equal(candidate.publicKey, publicKey.ed25519 ?? new Uint8Array(0)));
      if (signer === undefined)
        throw new PerigeeError('VALIDATOR_SET', 'the embedded engine has no key for one of the validators');
      return { blockIdFlag: BLOCK_ID_FLAG.commit, validatorAddress: address, timestamp, signature: await signer.sign(message) };
    }),
  );
  return { height, round: 0, blockId, signatures };
}

/** The commit in the first block: there is nothing before it. */
export const NO_BLOCK_ID: BlockId = { hash: new Uint8Array(0), partSetHeader: { total: 0, hash: new Uint8Array(0) } };
export const NO_COMMIT: Commit = { height: 0, round: 0, blockId: NO_BLOCK_ID, signatures: [] };

/** Bytes that transactions may take in a block (CometBFT `types.MaxDataBytes`): the limit without header, last commit and framing. */
export function maxTxBytes(blockBytes: bigint, validators: number): number {
  const [framing, header, commit, signature] = [11, 626, 94, 111];
  return Number(blockBytes) - framing - header - commit - signature * validators;
}
