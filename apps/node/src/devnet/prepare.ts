import { readFile } from 'node:fs/promises';
import { createGenesis, decodeGenesis, encodeGenesis, type Genesis } from '@perigee/chain';
import type { Clock } from '@perigee/light-core/roles';
import { ed25519Address, equal, PerigeeError } from '@perigee/wire';
import { writeNamedFile } from '../files.ts';
import { ensureKey } from '../keys.ts';
import type { DevnetLayout } from './layout.ts';

/** What the devnet's account and its faucet start with, in smallest units. */
const ACCOUNT_BALANCE = 10n ** 24n;
const VALIDATOR_POWER = 10;
/** Small against what the faucet gives: a gift pays for the largest blob, kept for as long as the chain allows. */
const GAS_PRICE = 1_000n;
const DA_PRICE = 1n;
/** Chain id by which Ethereum's wallets know a devnet. */
const ETHEREUM_CHAIN_ID = 504_600;
/** Of 256 bytes: a gift pays for more than 200 GiB. */
const SECTOR_PRICE = 1_000n;
/** Of a key and its value in a stream, as long as they are there. */
const DEPOSIT_PER_BYTE = 1_000n;
/** Of providers and those who prepay them: a gift pays for ten registrations, and ten minutes are long enough to try. */
const COMPUTE_RULES = { minStake: 10n ** 11n, unbondingBlocks: 600, unlockBlocks: 600, reportDeposit: 10n ** 9n };

/** Stake of a node, where nothing else is asked for. */
const STAKE = 1_000n;

export interface PreparedDevnet {
  readonly genesis: Genesis;
  /** Of each node, in their order. */
  readonly stakes: readonly bigint[];
}

/**
 * Keys and genesis of a devnet: those that lie there, or new ones.
 *
 * @param stakes of the nodes; by default those of the genesis that lies there, else all alike
 * @throws INVALID_ARGUMENT when the genesis that lies there is for other nodes or stakes; GENESIS, STORE_CORRUPT
 */
export async function prepareDevnet(
  layout: DevnetLayout,
  stakes: readonly bigint[] | undefined,
  clock: Clock,
): Promise<PreparedDevnet> {
  const validators = await Promise.all(layout.validators.map(publicKeyOf));
  const members = await Promise.all(layout.nodes.map(({ memberKey }) => publicKeyOf(memberKey)));
  const account = ed25519Address(await publicKeyOf(layout.account));
  const faucet = ed25519Address(await publicKeyOf(layout.faucet));
  const stored = await readFile(layout.genesis).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'ENOENT') throw error;
    return undefined;
  });
  if (stored !== undefined)
    return { genesis: decodeGenesis(stored), stakes: storedStakes(decodeGenesis(stored), members, stakes) };
  const committee = members.map((publicKey, i) => ({
    address: ed25519Address(publicKey),
    publicKey,
    stake: stakes?.[i] ?? STAKE,
  }));
  const genesis = createGenesis({
    name: 'devnet',
    time: clock.now(),
    validators: validators.map((publicKey) => ({ publicKey, power: VALIDATOR_POWER })),
    committee,
    accounts: [
      ...[account, faucet].map((address) => ({ address, balance: ACCOUNT_BALANCE })),
      // they bring the data of writes to streams: that costs nothing, but an account must exist
      ...committee.map(({ address }) => ({ address, balance: 1n })),
    ],
    faucet,
    gasPrice: GAS_PRICE,
    daPrice: DA_PRICE,
    storage: { pricePerSector: SECTOR_PRICE },
    ethereumChainId: ETHEREUM_CHAIN_ID,
    kv: { depositPerByte: DEPOSIT_PER_BYTE },
    compute: COMPUTE_RULES,
    development: true,
  });
  await writeNamedFile(layout.genesis, encodeGenesis(genesis));
  return { genesis, stakes: committee.map(({ stake }) => stake) };
}

/** @throws INVALID_ARGUMENT */
function storedStakes({ committee }: Genesis, members: readonly Uint8Array[], wanted: readonly bigint[] | undefined): bigint[] {
  const { length } = committee.members;
  if (length !== members.length) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `the devnet in this folder has ${length} nodes: start it with --nodes ${length}, or choose another --home`,
    );
  }
  const found = members.map((publicKey) => {
    const member = committee.members.find((one) => equal(one.publicKey, publicKey));
    if (member !== undefined) return member.stake;
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      'the genesis in this folder does not know the keys of its nodes: restore both from a copy, or choose another --home',
    );
  });
  if (wanted?.some((stake, i) => stake !== found[i])) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `the devnet in this folder has stakes ${found.join(',')}: leave --stakes out, or choose another --home`,
    );
  }
  return found;
}

async function publicKeyOf(path: string): Promise<Uint8Array> {
  return (await ensureKey(path)).publicKey;
}
