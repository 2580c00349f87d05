import { timestampOfMs, validatorAddress } from '@perigee/light-core/comet';
import { FEE_POOL, SLASH_POOL, STAKE_POOL, STORE, stakedValidatorKey } from '@perigee/light-core/state';
import { MESSAGE_KIND, StakedValidator, type TxMessage } from '@perigee/wire';
import { expect, it } from 'vitest';
import { randomOf } from '../../../../tests/kit/index.ts';
import type { Misbehavior } from '../../src/application/index.ts';
import { readAccount } from '../../src/machine/accounts.ts';
import { TOKEN } from '../../src/machine/validators.ts';
import { addressOf, GENESIS_TIME, genesisOf, signerOf, transferTx } from '../devnet.ts';
import { drive } from './drive.ts';

const BLOCKS = process.env.PERIGEE_LONG === '1' ? 2_000 : 40;
const NAMES = ['a', 'b', 'c', 'd', 'e', 'f'];
const SESSION = 'session';
const BALANCE = 100n * TOKEN;
const STAKED = 20n * TOKEN;

const keyOf = (name: string) => signerOf(`validator ${name}`).publicKey;

it(`is the same after each of ${BLOCKS} blocks of stake, sessions and punishment, and the pool holds what is staked`, {
  timeout: 3_600_000,
}, async ({ onTestFailed }) => {
  const random = randomOf(onTestFailed);
  const genesis = genesisOf({
    validators: [],
    stakes: NAMES.slice(0, 3).map((name) => ({ address: addressOf(name), validatorKey: keyOf(name), amount: STAKED })),
    staking: {
      unbondingBlocks: 5,
      unbondingSeconds: 5,
      maxValidators: 3,
      slashDuplicateVote: 700,
      slashLightClientAttack: 10_000,
    },
    evidence: { blocks: 4, seconds: 4 },
    accounts: NAMES.map((name) => ({ address: addressOf(name), balance: BALANCE })),
    gasPrice: 3n,
    epochBlocks: 10,
    maxRetentionBlocks: 5,
  });
  const chain = await drive(genesis);
  const staked = (name: string) => {
    const raw = chain.value(STORE.account, stakedValidatorKey(addressOf(name)));
    return raw === undefined ? undefined : StakedValidator.decode(raw);
  };
  const held = (address: Uint8Array) => readAccount({ get: chain.value }, address)?.balance ?? 0n;
  const amount = () => random.pick([0n, 1n, TOKEN / 3n, TOKEN, 7n * TOKEN, STAKED, BALANCE]);
  const messageOf = (name: string): TxMessage =>
    random.pick<() => TxMessage>([
      () => ({ transfer: { to: addressOf(random.pick(NAMES)), amount: amount() } }),
      () => ({ transfer: { to: random.pick([STAKE_POOL, SLASH_POOL, FEE_POOL]), amount: amount() } }),
      () => ({ stake: { amount: amount(), validatorKey: keyOf(random.chance(0.9) ? name : random.pick(NAMES)) } }),
      () => ({ unstake: { amount: amount() } }),
      () => ({
        grantSession: {
          key: signerOf(SESSION).publicKey,
          kinds: Object.values(MESSAGE_KIND).filter((kind) => kind !== 3 && kind !== 4 && random.chance(0.7)),
          cap: amount(),
          expiryHeight: chain.height() + random.below(20),
        },
      }),
      () => ({ revokeSession: { key: signerOf(SESSION).publicKey } }),
    ])();
  const faultOf = (height: number): Misbehavior => ({
    type: random.pick(['duplicateVote', 'lightClientAttack']),
    validator: { address: validatorAddress(keyOf(random.pick(NAMES))), power: BigInt(random.between(1, 30)) },
    height: Math.max(1, height - random.below(4)),
    time: timestampOfMs(GENESIS_TIME),
    totalVotingPower: 60n,
  });

  const codes = new Set<number>();
  for (let height = 1; height <= BLOCKS; height++) {
    const nonces = new Map<string, number>();
    const txs: Uint8Array[] = [];
    for (let count = random.below(6); count > 0; count--) {
      const name = random.pick(NAMES);
      const nonce = nonces.get(name) ?? (height === 1 ? 0 : (chain.account(name).nonces[0]?.next ?? 0));
      nonces.set(name, nonce + 1);
      const messages = Array.from({ length: random.between(1, 3) }, () => messageOf(name));
      const session = random.chance(0.3) ? { from: SESSION, account: addressOf(name) } : { from: name };
      txs.push(await transferTx(genesis, { ...session, nonce, messages, tip: random.pick([0n, 5n]), expiryHeight: height + 10 }));
    }
    const misbehavior = random.chance(0.03) ? [faultOf(height)] : [];
    const time = timestampOfMs(GENESIS_TIME + height * random.pick([500, 1_000, 1_000]));
    for (const { code } of (await chain.block(txs, { time, misbehavior })).txResults) codes.add(code);

    const balances = [...NAMES.map(addressOf), FEE_POOL, SLASH_POOL, STAKE_POOL].map(held);
    expect(balances.reduce((sum, balance) => sum + balance)).toBe(BigInt(NAMES.length) * BALANCE + 3n * STAKED);
    const behind = NAMES.map(staked).flatMap((validator) => [
      validator?.stake ?? 0n,
      ...(validator?.unbonding ?? []).map((entry) => entry.amount),
    ]);
    expect(held(STAKE_POOL)).toBe(behind.reduce((sum, part) => sum + part, 0n));
  }
  expect(codes.size).toBeGreaterThan(2);
  await chain.machine.close();
});
