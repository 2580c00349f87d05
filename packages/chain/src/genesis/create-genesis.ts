import { timestampOfMs, validatorAddress } from '@perigee/light-core/comet';
import { makeCommittee } from '@perigee/light-core/da';
import {
  AppState,
  type CommitteeMember,
  type ComputeParams,
  chainIdOf,
  compare,
  type GenesisStake,
  genesisHashOf,
  type InitChain,
  type KvParams,
  MAX_BLOCK_BYTES,
  type StakingParams,
  type StorageParams,
  TOKEN_DECIMALS,
  TRUSTING_PERIOD_MS,
  utf8,
} from '@perigee/wire';
import { checkGenesis, type Genesis } from './check-genesis.ts';

/** Unbonding is one and a half trusting periods (PROTOCOL §3, §5): evidence must outlive what light clients still trust. */
const EVIDENCE_SECONDS = (TRUSTING_PERIOD_MS / 1000) * 1.5;
const MAX_GAS = 100_000_000n;
/** Validators that sign blocks: what a light client checks in 20 ms. */
const MAX_VALIDATORS_SIGNING = 100;
/** Lost of the stake behind a false signature, basis points. */
const SLASH = 500;

export interface GenesisOptions {
  /** First part of the chain id: lower-case letters, digits, hyphens. */
  readonly name: string;
  /** Milliseconds since 1970: time of the first header. */
  readonly time: number;
  readonly validators?: readonly { readonly publicKey: Uint8Array; readonly power: number }[];
  readonly committee: readonly CommitteeMember[];
  /** Balances in smallest units; an account that is not here cannot send before it was paid. */
  readonly accounts: readonly { readonly address: Uint8Array; readonly balance: bigint }[];
  /** Only such chains run on the embedded engine. Immutable. */
  readonly development: boolean;
  readonly epochBlocks?: number;
  readonly maxRetentionBlocks?: number;
  readonly gasPrice?: bigint;
  /** Smallest units for a byte of encoded rows and epoch. */
  readonly daPrice?: bigint;
  /** Rules of stored files; without them the chain stores none. */
  readonly storage?: StorageParams;
  /** Rules of key-value streams, on a chain that stores files; without them it keeps none. */
  readonly kv?: KvParams;
  /** Rules of the compute layer; without them the chain has no providers. */
  readonly compute?: ComputeParams;
  /** Account of the faucet; development chains only. */
  readonly faucet?: Uint8Array;
  readonly ethereumChainId?: number;
  /** Stakes that the chain begins with; its validators are then these, and `validators` is not needed. */
  readonly stakes?: readonly GenesisStake[];
  /** How long evidence of false signatures is valid; as long as stake unbonds unless given. */
  readonly evidence?: { readonly blocks: number; readonly seconds: number };
  /** Numbers below which no collateral of hardware is taken, by name. */
  readonly collateralFloors?: Readonly<Record<string, number>>;
  /** Rules of stake that are not as usual. */
  readonly staking?: Partial<Omit<StakingParams, 'stakes'>>;
}

/**
 * Make the genesis of a new chain.
 *
 * @throws GENESIS, COMMITTEE, INVALID_ARGUMENT
 */
export function createGenesis(options: GenesisOptions): Genesis {
  const appState: AppState = {
    version: 0,
    development: options.development,
    epochBlocks: options.epochBlocks ?? 600,
    committee: { members: makeCommittee(options.committee).members },
    accounts: options.accounts.toSorted((a, b) => compare(a.address, b.address)),
    ethereumChainId: options.ethereumChainId ?? 0,
    maxRetentionBlocks: options.maxRetentionBlocks ?? 1_209_600,
    gasPrice: options.gasPrice ?? 0n,
    daPrice: options.daPrice ?? 0n,
    ...(options.faucet === undefined ? {} : { faucet: options.faucet }),
    ...(options.storage === undefined ? {} : { storage: options.storage }),
    ...(options.kv === undefined ? {} : { kv: options.kv }),
    ...(options.compute === undefined ? {} : { compute: options.compute }),
    ...(options.stakes === undefined ? {} : { staking: stakingOf(options.stakes, options.staking) }),
    collateralFloors: Object.entries(options.collateralFloors ?? {})
      .map(([name, number]) => ({ name, number }))
      .sort((a, b) => compare(utf8(a.name), utf8(b.name))),
  };
  const initChain: InitChain = {
    time: timestampOfMs(options.time),
    chainId: '',
    consensusParams: {
      block: { maxBytes: BigInt(MAX_BLOCK_BYTES), maxGas: MAX_GAS },
      evidence: {
        maxAgeNumBlocks: options.evidence?.blocks ?? EVIDENCE_SECONDS,
        maxAgeDuration: { seconds: options.evidence?.seconds ?? EVIDENCE_SECONDS, nanos: 0 },
        maxBytes: 65_536,
      },
      validator: { publicKeyTypes: ['ed25519'] },
      version: { app: 0 },
      abci: { voteExtensionsEnableHeight: 0 },
    },
    validators: inSetOrder(validatorsOf(options)).map(({ publicKey, power }) => ({ publicKey: { ed25519: publicKey }, power })),
    appStateBytes: AppState.encode(appState),
    initialHeight: 1,
  };
  return checkGenesis({ ...initChain, chainId: chainIdOf(options.name, genesisHashOf(initChain)) });
}

function stakingOf(stakes: readonly GenesisStake[], rules: GenesisOptions['staking'] = {}): StakingParams {
  return {
    unbondingBlocks: EVIDENCE_SECONDS + 1,
    unbondingSeconds: EVIDENCE_SECONDS + 1,
    maxValidators: MAX_VALIDATORS_SIGNING,
    slashDuplicateVote: SLASH,
    slashLightClientAttack: SLASH,
    ...rules,
    stakes: stakes.toSorted((a, b) => compare(a.address, b.address)),
  };
}

function validatorsOf({ validators = [], stakes = [], staking }: GenesisOptions): NonNullable<GenesisOptions['validators']> {
  if (validators.length > 0) return validators;
  return stakes
    .map(({ address, validatorKey, amount }) => ({
      address,
      publicKey: validatorKey,
      power: Number(amount / 10n ** BigInt(TOKEN_DECIMALS)),
    }))
    .sort((a, b) => b.power - a.power || compare(a.address, b.address))
    .slice(0, staking?.maxValidators ?? MAX_VALIDATORS_SIGNING);
}

/** As CometBFT hands them to `InitChain`, whatever the order in its genesis file: by power falling, then by address. */
function inSetOrder(validators: NonNullable<GenesisOptions['validators']>): typeof validators {
  return validators.toSorted(
    (a, b) => b.power - a.power || compare(validatorAddress(a.publicKey), validatorAddress(b.publicKey)),
  );
}
