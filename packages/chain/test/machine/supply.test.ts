import { FEE_POOL } from '@perigee/light-core/state';
import { expect, it } from 'vitest';
import { randomOf } from '../../../../tests/kit/index.ts';
import { readAccount } from '../../src/machine/accounts.ts';
import { certificateOf } from '../certificates.ts';
import { addressOf, genesisOf, MEMBERS, transferTx } from '../devnet.ts';
import { drive } from './drive.ts';

const NAMES = ['a', 'b', 'c', 'd', 'e'];
const BALANCE = 3_000_000n;
const BLOCKS = process.env.PERIGEE_LONG === '1' ? 600 : 20;

it(`is the same after each of ${BLOCKS} blocks of transfers, tips and certificates, whatever fails`, {
  timeout: 600_000,
}, async ({ onTestFailed }) => {
  const random = randomOf(onTestFailed);
  const genesis = genesisOf({
    accounts: NAMES.slice(0, 3).map((name) => ({ address: addressOf(name), balance: BALANCE })),
    epochBlocks: 10_000,
    gasPrice: 2n,
    daPrice: 1n,
  });
  const chain = await drive(genesis);
  const codes = new Set<number>();
  const amount = () => random.pick([0n, 1n, BigInt(random.below(100_000)), BALANCE, 10n * BALANCE]);
  const messageOf = async () => {
    if (random.chance(0.6))
      return { transfer: { to: random.chance(0.1) ? FEE_POOL : addressOf(random.pick(NAMES)), amount: amount() } };
    const certificate = await certificateOf(
      genesis,
      {
        blobId: Uint8Array.of(0, ...new Uint8Array(31), random.below(8)),
        expiryHeight: random.between(1, 40_000),
      },
      random.chance(0.8) ? MEMBERS : MEMBERS.slice(0, 1),
    );
    return { certify: { certificate } };
  };
  for (let height = 1; height <= BLOCKS; height++) {
    const txs: Uint8Array[] = [];
    const sent = new Map<string, number>();
    for (let i = random.below(6); i > 0; i--) {
      const from = random.pick(NAMES);
      const state = height === 1 ? 0 : (chain.account(from).nonces[0]?.next ?? 0);
      const ahead = sent.get(from) ?? 0;
      sent.set(from, ahead + 1);
      txs.push(
        await transferTx(genesis, {
          from,
          nonce: state + ahead,
          gasLimit: 100_000,
          maxFee: random.pick([30_000n, 300_000n, 10n * BALANCE]),
          tip: random.pick([0n, 0n, 777n]),
          messages: await Promise.all(Array.from({ length: random.between(1, 3) }, messageOf)),
        }),
      );
    }
    for (const { code } of (await chain.block(txs)).txResults) codes.add(code);
    const balances = NAMES.map((name) => chain.account(name).balance);
    const pool = readAccount({ get: chain.value }, FEE_POOL)?.balance ?? 0n;
    expect(balances.reduce((sum, balance) => sum + balance, pool)).toBe(3n * BALANCE);
  }
  // of each kind there was one: success, a fee that could not be paid, a message that failed
  expect(codes.size).toBeGreaterThan(2);
  await chain.machine.close();
});
