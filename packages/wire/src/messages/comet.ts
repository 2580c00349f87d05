/**
 * CometBFT v0.38 types (`tendermint.types`, `tendermint.version`, `tendermint.crypto`), byte for byte as its Go code writes them:
 * `embedded` stands where gogoproto has `nullable = false` and so always writes the field.
 */

import { MAX_BLOCK_BYTES, MAX_CHAIN_ID_BYTES, MAX_TX_BYTES, MAX_VALIDATORS } from '../limits.ts';
import {
  bytes,
  embedded,
  type Infer,
  int53,
  int64,
  message,
  optional,
  repeated,
  sfixed53,
  string,
  uint32,
  uint53,
} from '../proto/index.ts';

const HASH = 32;
/** CometBFT lets an application choose any length (the kvstore example has 8 bytes). */
const MAX_APP_HASH = 64;
const ADDRESS = 20;
const SIGNATURE = 96;

/** google.protobuf.Timestamp; `seconds` since 1970 may be negative, `nanos` 0 to 999,999,999. */
export const Timestamp = message('Timestamp', { seconds: [1, int53()], nanos: [2, uint32(999_999_999)] });
export type Timestamp = Infer<typeof Timestamp>;

export const PartSetHeader = message('PartSetHeader', { total: [1, uint32()], hash: [2, bytes(HASH)] });
export type PartSetHeader = Infer<typeof PartSetHeader>;

export const BlockId = message('BlockID', { hash: [1, bytes(HASH)], partSetHeader: [2, embedded(PartSetHeader)] });
export type BlockId = Infer<typeof BlockId>;

export const ConsensusVersion = message('Consensus', { block: [1, uint53()], app: [2, uint53()] });

export const Header = message('Header', {
  version: [1, embedded(ConsensusVersion)],
  chainId: [2, string(MAX_CHAIN_ID_BYTES)],
  height: [3, int53()],
  time: [4, embedded(Timestamp)],
  lastBlockId: [5, embedded(BlockId)],
  lastCommitHash: [6, bytes(HASH)],
  dataHash: [7, bytes(HASH)],
  validatorsHash: [8, bytes(HASH)],
  nextValidatorsHash: [9, bytes(HASH)],
  consensusHash: [10, bytes(HASH)],
  appHash: [11, bytes(MAX_APP_HASH)],
  lastResultsHash: [12, bytes(HASH)],
  evidenceHash: [13, bytes(HASH)],
  proposerAddress: [14, bytes(ADDRESS)],
});
export type Header = Infer<typeof Header>;

/** BlockIDFlag of a CommitSig. Only COMMIT counts towards a quorum. */
export const BLOCK_ID_FLAG = { absent: 1, commit: 2, nil: 3 } as const;

export const CommitSig = message('CommitSig', {
  blockIdFlag: [1, uint32()],
  validatorAddress: [2, bytes(ADDRESS)],
  timestamp: [3, embedded(Timestamp)],
  signature: [4, bytes(SIGNATURE)],
});
export type CommitSig = Infer<typeof CommitSig>;

export const Commit = message('Commit', {
  height: [1, int53()],
  round: [2, int53()],
  blockId: [3, embedded(BlockId)],
  signatures: [4, repeated(embedded(CommitSig), MAX_VALIDATORS)],
});
export type Commit = Infer<typeof Commit>;

/** `tendermint.crypto.PublicKey`; exactly one of the fields is set. */
export const PublicKey = message('PublicKey', { ed25519: [1, optional(bytes(32))], secp256k1: [2, optional(bytes(33))] });
export type PublicKey = Infer<typeof PublicKey>;

export const Validator = message('Validator', {
  address: [1, bytes(ADDRESS)],
  publicKey: [2, embedded(PublicKey)],
  votingPower: [3, int64()],
  proposerPriority: [4, int64()],
});
export type Validator = Infer<typeof Validator>;

/** What `validators_hash` covers of a validator. */
export const SimpleValidator = message('SimpleValidator', {
  publicKey: [1, optional(embedded(PublicKey))],
  votingPower: [2, int64()],
});

export const ValidatorSet = message('ValidatorSet', {
  validators: [1, repeated(embedded(Validator), MAX_VALIDATORS)],
  proposer: [2, optional(embedded(Validator))],
  totalVotingPower: [3, int64()],
});
export type ValidatorSet = Infer<typeof ValidatorSet>;

export const SignedHeader = message('SignedHeader', {
  header: [1, optional(embedded(Header))],
  commit: [2, optional(embedded(Commit))],
});
export type SignedHeader = Infer<typeof SignedHeader>;

export const LightBlock = message('LightBlock', {
  signedHeader: [1, optional(embedded(SignedHeader))],
  validatorSet: [2, optional(embedded(ValidatorSet))],
});
export type LightBlock = Infer<typeof LightBlock>;

/** `CanonicalBlockID` has the wire form of BlockID. */
export const CanonicalVote = message('CanonicalVote', {
  type: [1, uint32()],
  height: [2, sfixed53()],
  round: [3, sfixed53()],
  blockId: [4, optional(embedded(BlockId))],
  timestamp: [5, embedded(Timestamp)],
  chainId: [6, string(MAX_CHAIN_ID_BYTES)],
});

/** SignedMsgType of a precommit. */
export const PRECOMMIT = 2;

export const BlockData = message('Data', { txs: [1, repeated(bytes(MAX_TX_BYTES), 65_536)] });

/** EvidenceList; evidence comes with the validator rules of the staking module, until then the list is empty. */
export const EvidenceList = message('EvidenceList', {});

export const Block = message('Block', {
  header: [1, embedded(Header)],
  data: [2, embedded(BlockData, 2 * MAX_BLOCK_BYTES)],
  evidence: [3, embedded(EvidenceList)],
  lastCommit: [4, optional(embedded(Commit))],
});
export type Block = Infer<typeof Block>;

export const HashedParams = message('HashedParams', { blockMaxBytes: [1, int64()], blockMaxGas: [2, int64()] });

/** The part of ExecTxResult that `last_results_hash` covers. */
export const DeterministicTxResult = message('ExecTxResult', {
  code: [1, uint32()],
  data: [2, bytes(65_536)],
  gasWanted: [5, int53()],
  gasUsed: [6, int53()],
});
