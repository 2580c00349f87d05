/**
 * Genesis. `genesisHash` is the hash of the canonical `InitChain`, in which chain_id is left out: the chain id carries its first
 * eight hexadecimal digits (PROTOCOL §5).
 */

import { MAX_COMMITTEE_MEMBERS, MAX_STAKERS, MAX_VALIDATORS } from '../limits.ts';
import { MAX_CHAIN_FLOORS, MAX_FLOOR_NAME_CHARACTERS } from '../limits-attest.ts';
import {
  bool,
  bytes,
  embedded,
  fixedBytes,
  type Infer,
  int53,
  int64,
  message,
  optional,
  repeated,
  string,
  uint32,
  uint53,
  uint64,
  uint128,
} from '../proto/index.ts';
import { PublicKey, Timestamp } from './comet.ts';

const Duration = message('Duration', { seconds: [1, int53()], nanos: [2, uint32(999_999_999)] });

/** `tendermint.types.ConsensusParams`, the fields that CometBFT v0.38 has. */
export const ConsensusParams = message('ConsensusParams', {
  block: [1, optional(embedded(message('BlockParams', { maxBytes: [1, int64()], maxGas: [2, int64()] })))],
  evidence: [
    2,
    optional(
      embedded(
        message('EvidenceParams', {
          maxAgeNumBlocks: [1, int53()],
          maxAgeDuration: [2, embedded(Duration)],
          maxBytes: [3, int53()],
        }),
      ),
    ),
  ],
  validator: [3, optional(embedded(message('ValidatorParams', { publicKeyTypes: [1, repeated(string(32), 8)] })))],
  version: [4, optional(embedded(message('VersionParams', { app: [1, uint53()] })))],
  abci: [5, optional(embedded(message('ABCIParams', { voteExtensionsEnableHeight: [1, int53()] })))],
});
export type ConsensusParams = Infer<typeof ConsensusParams>;

export const ValidatorUpdate = message('ValidatorUpdate', { publicKey: [1, embedded(PublicKey)], power: [2, int53()] });
export type ValidatorUpdate = Infer<typeof ValidatorUpdate>;

/** `tendermint.abci.RequestInitChain`; chain_id (2) is left out of the hashed form. */
export const InitChain = message('RequestInitChain', {
  time: [1, embedded(Timestamp)],
  chainId: [2, string(50)],
  consensusParams: [3, optional(embedded(ConsensusParams))],
  validators: [4, repeated(embedded(ValidatorUpdate), MAX_VALIDATORS)],
  appStateBytes: [5, bytes(1 << 20)],
  initialHeight: [6, int53()],
});
export type InitChain = Infer<typeof InitChain>;

/** One member of a data availability committee; `stake` is in whole tokens. */
export const CommitteeMember = message('CommitteeMember', {
  address: [1, fixedBytes(20)],
  publicKey: [2, fixedBytes(32)],
  stake: [3, uint64()],
});
export type CommitteeMember = Infer<typeof CommitteeMember>;

/** Members ascending by address, no address twice. committeeHash is the SHA-256 of its canonical bytes (PROTOCOL §2). */
export const Committee = message('Committee', { members: [1, repeated(embedded(CommitteeMember), MAX_COMMITTEE_MEMBERS)] });
export type Committee = Infer<typeof Committee>;

export const GenesisAccount = message('GenesisAccount', { address: [1, fixedBytes(20)], balance: [2, uint128()] });

/** Stake that a chain begins with. */
export const GenesisStake = message('GenesisStake', {
  /** Account whose validator it is. */
  address: [1, fixedBytes(20)],
  validatorKey: [2, fixedBytes(32)],
  committeeKey: [3, optional(fixedBytes(32))],
  /** Smallest units; besides the account's balance. */
  amount: [4, uint128()],
});
export type GenesisStake = Infer<typeof GenesisStake>;

/** Rules of stake. A chain without them keeps the validators and the committee of its genesis. */
export const StakingParams = message('StakingParams', {
  /** Tokens come back after both: no shorter than evidence is valid. */
  unbondingBlocks: [1, uint53()],
  unbondingSeconds: [2, uint53()],
  /** Validators that sign blocks, at most: those with the most power. */
  maxValidators: [3, uint32(MAX_STAKERS)],
  /** What a validator loses of the stake behind a false signature, basis points. */
  slashDuplicateVote: [4, uint32(10_000)],
  slashLightClientAttack: [5, uint32(10_000)],
  /** Ascending by address; their power is that of the validators of InitChain. */
  stakes: [6, repeated(embedded(GenesisStake), MAX_STAKERS)],
});
export type StakingParams = Infer<typeof StakingParams>;

/** Rules of stored files. A chain without them stores none, and has no store `storage`. */
export const StorageParams = message('StorageParams', {
  /** Smallest units for a sector of 256 bytes. */
  pricePerSector: [1, uint128()],
});
export type StorageParams = Infer<typeof StorageParams>;

/** Rules of key-value streams; only on a chain that stores files. A chain without them has no store `kv`. */
export const KvParams = message('KvParams', {
  /** Smallest units for each byte of a key and its value, for as long as it is there. */
  depositPerByte: [1, uint128()],
});
export type KvParams = Infer<typeof KvParams>;

/** Rules of the compute layer. A chain without them has no providers, and no store `compute`. */
export const ComputeParams = message('ComputeParams', {
  /** What a provider has at stake for each registration, at least, smallest units. */
  minStake: [1, uint128()],
  /** Blocks after which a provider's stake comes free. */
  unbondingBlocks: [2, uint53()],
  /** Blocks after which a prepaid balance comes free: no request may be settled that late after it was made. */
  unlockBlocks: [3, uint53()],
  /** What an auditor leaves with a report, smallest units, until it takes the report back. */
  reportDeposit: [4, uint128()],
});
export type ComputeParams = Infer<typeof ComputeParams>;

/** A number of collateral that no newer one may be below, by the name that verification gives it (PROTOCOL §9). */
export const CollateralFloor = message('CollateralFloor', {
  name: [1, string(MAX_FLOOR_NAME_CHARACTERS)],
  number: [2, uint53()],
});

/** What the application reads out of `app_state_bytes`. */
export const AppState = message('AppState', {
  version: [1, uint32()],
  /** True only on development chains; immutable and provable (PROTOCOL §5). */
  development: [2, bool()],
  /** Blocks of an epoch. */
  epochBlocks: [3, uint32()],
  committee: [4, embedded(Committee)],
  accounts: [5, repeated(embedded(GenesisAccount), 1_024)],
  /** Chain id by which Ethereum wallets know the chain (scheme 3). */
  ethereumChainId: [6, uint53()],
  /** Longest retention of a blob, blocks. */
  maxRetentionBlocks: [7, uint32()],
  /** Smallest units of the token for one unit of gas. */
  gasPrice: [8, uint128()],
  /** Smallest units of the token for one byte of encoded rows, for each epoch begun in which they are served. */
  daPrice: [9, uint128()],
  /** Account that gives to whoever asks; only on development chains. */
  faucet: [10, optional(fixedBytes(20))],
  staking: [11, optional(embedded(StakingParams))],
  storage: [12, optional(embedded(StorageParams))],
  /** Ascending by name. Collateral of hardware that is older is refused by all who follow the chain. */
  collateralFloors: [13, repeated(embedded(CollateralFloor), MAX_CHAIN_FLOORS)],
  kv: [14, optional(embedded(KvParams))],
  compute: [15, optional(embedded(ComputeParams))],
});
export type AppState = Infer<typeof AppState>;
