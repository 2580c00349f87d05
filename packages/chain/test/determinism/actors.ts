/** Who sends transactions in random blocks, and a genesis in which all of them have tokens. */
import { createHash } from 'node:crypto';
import { secp256k1Signer } from '@perigee/light-core/tx';
import { ed25519Address, TOKEN_DECIMALS } from '@perigee/wire';
import { nativeSigner } from '../../../../tests/kit/native-signer.ts';
import { createGenesis } from '../../src/index.ts';
import { GENESIS_TIME } from '../devnet.ts';

export const TOKEN = 10n ** BigInt(TOKEN_DECIMALS);
/** Blocks of an epoch: short, so that committees change in a short run. */
export const EPOCH = 8;
export const ETHEREUM_CHAIN = 31_337;

export function secretOf(name: string): Uint8Array {
  return Uint8Array.from(createHash('sha256').update(`determinism ${name}`).digest());
}

export function ed25519Of(name: string) {
  return nativeSigner(secretOf(name));
}

export interface Actor {
  readonly name: string;
  readonly scheme: 1 | 2 | 3;
  readonly address: Uint8Array;
}

/** Keys of schemes 2 and 3 are the same accounts. */
export const ACTORS: readonly Actor[] = [
  ...['a', 'b', 'c', 'd'].map((name) => ({ name, scheme: 1 as const, address: ed25519Address(ed25519Of(name).publicKey) })),
  ...['e', 'f', 'g'].flatMap((name) => {
    const { address } = secp256k1Signer(secretOf(name));
    return [
      { name, scheme: 2 as const, address },
      { name, scheme: 3 as const, address },
    ];
  }),
];

export const validatorKeyOf = (name: string) => ed25519Of(`validator ${name}`).publicKey;
export const committeeKeyOf = (name: string) => ed25519Of(`committee ${name}`).publicKey;

const accounts = [...new Map(ACTORS.map(({ name, address }) => [name, address])).entries()];

/** Everybody may stake; four do from the beginning, and three have room to sign blocks. */
export const genesis = createGenesis({
  name: 'random',
  time: GENESIS_TIME,
  development: true,
  committee: accounts.slice(1, 5).map(([name], i) => ({
    address: ed25519Address(committeeKeyOf(name)),
    publicKey: committeeKeyOf(name),
    stake: BigInt(10 + 5 * i),
  })),
  accounts: accounts.map(([, address], i) => ({ address, balance: i === 0 ? 30_000n : 10_000n * TOKEN })),
  stakes: accounts.slice(1, 5).map(([name, address], i) => ({
    address,
    validatorKey: validatorKeyOf(name),
    committeeKey: committeeKeyOf(name),
    amount: BigInt(10 + 5 * i) * TOKEN,
  })),
  staking: { unbondingBlocks: 12, unbondingSeconds: 30, maxValidators: 3 },
  evidence: { blocks: 10, seconds: 25 },
  epochBlocks: EPOCH,
  maxRetentionBlocks: 12,
  gasPrice: 1n,
  daPrice: 1n,
  storage: { pricePerSector: 3n },
  kv: { depositPerByte: 2n },
  ethereumChainId: ETHEREUM_CHAIN,
});
