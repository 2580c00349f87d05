import { type CanonicalCommittee, checkCommittee } from '@perigee/light-core/da';
import { isKeyless } from '@perigee/light-core/state';
import {
  AppState,
  chainIdOf,
  compare,
  equal,
  genesisHashOf,
  InitChain,
  keyText,
  MAX_BLOCK_BYTES,
  MAX_COMPUTE_UNBONDING_BLOCKS,
  PerigeeError,
  toHex,
  utf8,
} from '@perigee/wire';
import { checkStaking } from './check-staking.ts';

const APP_STATE_VERSION = 0;
/** Of a byte in a stream, smallest units: the deposit of the longest write stays within an amount. */
const MAX_DEPOSIT_PER_BYTE = 1n << 64n;
const MAX_SUPPLY = (1n << 128n) - 1n;

/** A genesis that was checked, and what follows from it. */
export interface Genesis {
  /** With its chain id. */
  readonly initChain: InitChain;
  readonly genesisHash: Uint8Array;
  readonly appState: AppState;
  readonly committee: CanonicalCommittee;
}

/**
 * Check what a chain starts from.
 *
 * @param initChain as CometBFT sends it, or out of a genesis file
 * @throws GENESIS
 */
export function checkGenesis(initChain: InitChain): Genesis {
  try {
    return check(initChain);
  } catch (error) {
    if (error instanceof PerigeeError && error.code === 'GENESIS') throw error;
    throw new PerigeeError('GENESIS', `genesis cannot be used: ${PerigeeError.from(error).message}`, { cause: error });
  }
}

function check(initChain: InitChain): Genesis {
  const genesisHash = genesisHashOf(initChain);
  const name = initChain.chainId.replace(/-[0-9a-f]{8}$/, '');
  if (initChain.chainId !== chainIdOf(name, genesisHash)) {
    throw bad(`chain id "${initChain.chainId}" does not end in the first digits of genesis hash ${toHex(genesisHash)}`);
  }
  if (initChain.initialHeight < 1) throw bad(`initial height ${initChain.initialHeight} is below 1`);
  if (initChain.validators.length === 0) throw bad('there is no validator');
  const keys = new Set<string>();
  for (const { publicKey, power } of initChain.validators) {
    if (publicKey.ed25519?.length !== 32 || power < 1) throw bad('a validator has no ed25519 key of 32 bytes, or no power');
    keys.add(toHex(publicKey.ed25519));
  }
  if (keys.size !== initChain.validators.length) throw bad('two validators share a key');
  checkConsensusParams(initChain);
  const appState = AppState.decodeCanonical(initChain.appStateBytes);
  if (appState.version !== APP_STATE_VERSION)
    throw bad(`application state has version ${appState.version}, not ${APP_STATE_VERSION}`);
  if (appState.epochBlocks < 1) throw bad('an epoch has no block');
  if (appState.maxRetentionBlocks < 1) throw bad('blobs cannot be retained');
  let supply = 0n;
  appState.accounts.forEach(({ address, balance }, i) => {
    if (isKeyless(address)) throw bad(`address ${keyText(address)} is the chain's own, of which nobody has the key`);
    if (balance === 0n) throw bad(`account ${keyText(address)} has no balance`);
    if (appState.accounts.slice(0, i).some((earlier) => equal(earlier.address, address)))
      throw bad(`account ${keyText(address)} is there twice`);
    supply += balance;
  });
  if (appState.staking !== undefined) supply += checkStaking(appState.staking, initChain, appState);
  if (supply > MAX_SUPPLY) throw bad(`balances sum up to ${supply}, more than 128 bits hold`);
  checkStreams(appState);
  checkCompute(appState);
  checkFaucet(appState);
  checkFloors(appState);
  return { initChain, genesisHash, appState, committee: checkCommittee(appState.committee) };
}

/** What this application cannot run with would stop every node at once, some blocks later. */
function checkConsensusParams({ consensusParams: { block, validator, abci } = {} }: InitChain): void {
  if (block === undefined || block.maxBytes < 1n) throw bad('consensus parameters lack the size of a block');
  if (block.maxBytes > BigInt(MAX_BLOCK_BYTES))
    throw bad(`blocks of ${block.maxBytes} bytes are larger than the ${MAX_BLOCK_BYTES} that nodes read`);
  if (!(validator?.publicKeyTypes ?? ['ed25519']).includes('ed25519')) throw bad('validators may not have ed25519 keys');
  const extensions = abci?.voteExtensionsEnableHeight ?? 0;
  if (extensions !== 0) throw bad(`votes are to be extended from height ${extensions} on, and this application extends none`);
}

/** Writes to streams are numbered as submissions of files are. */
function checkStreams({ kv, storage }: AppState): void {
  if (kv === undefined) return;
  if (storage === undefined) throw bad('a chain that keeps streams must store files too: give it a price for them');
  if (kv.depositPerByte > MAX_DEPOSIT_PER_BYTE)
    throw bad(`a deposit of ${kv.depositPerByte} for a byte is more than ${MAX_DEPOSIT_PER_BYTE}`);
}

/** What unlocks at once could be gone before a receipt comes. */
function checkCompute({ compute }: AppState): void {
  if (compute === undefined) return;
  const { unbondingBlocks, unlockBlocks } = compute;
  if (Math.min(unbondingBlocks, unlockBlocks) < 1)
    throw bad('stakes of providers and prepaid balances come free in the same block');
  if (Math.max(unbondingBlocks, unlockBlocks) > MAX_COMPUTE_UNBONDING_BLOCKS)
    throw bad(`stakes of providers or prepaid balances come free after more than ${MAX_COMPUTE_UNBONDING_BLOCKS} blocks`);
}

/** A faucet gives tokens to whoever asks: they must be worth nothing. */
function checkFaucet({ development, faucet, accounts }: AppState): void {
  if (faucet === undefined) return;
  if (!development) throw bad('only a chain for development may have a faucet');
  if (!accounts.some(({ address }) => equal(address, faucet))) {
    throw bad(`the faucet's account ${toHex(faucet)} has no balance; give it one in accounts`);
  }
}

/** In one order, so that a chain has one genesis. */
function checkFloors({ collateralFloors }: AppState): void {
  collateralFloors.forEach(({ name }, i) => {
    const before = collateralFloors[i - 1];
    if (before !== undefined && compare(utf8(before.name), utf8(name)) >= 0)
      throw bad('floors of collateral are not ascending by name, each once');
  });
}

function bad(what: string): PerigeeError {
  return new PerigeeError('GENESIS', `genesis cannot be used: ${what}`);
}

/** Name under which a state keeps its genesis, beside what it proves. */
export const GENESIS_META = 'genesis';

/** The form in which genesis is kept and handed on. */
export function encodeGenesis(genesis: Genesis): Uint8Array {
  return InitChain.encode(genesis.initChain);
}

/** @throws GENESIS */
export function decodeGenesis(bytes: Uint8Array): Genesis {
  try {
    return checkGenesis(InitChain.decodeCanonical(bytes));
  } catch (error) {
    const cause = PerigeeError.from(error);
    throw cause.code === 'GENESIS' ? cause : new PerigeeError('GENESIS', `genesis cannot be read: ${cause.message}`, { cause });
  }
}
