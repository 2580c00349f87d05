import { keccak_256 } from '@noble/hashes/sha3.js';
import { secp256k1Signer, signTypedTx } from '@perigee/light-core/tx';
import { concat, equal, fromHex, toHex } from '@perigee/wire';
import { Transaction } from 'micro-eth-signer';
import { expect, it } from 'vitest';
import { randomOf } from '../../../../tests/kit/index.ts';
import { RESULT_CODE } from '../../src/index.ts';
import { addressOf, genesisOf, transferTx } from '../devnet.ts';
import { drive } from './drive.ts';

const ROUNDS = process.env.PERIGEE_LONG === '1' ? 20_000 : 400;
const ETHEREUM_CHAIN = 31_337;
const PER_BLOCK = 100;

/** Every refusal has its number in a block; anything else would stop the nodes that run it. */
it(`bytes of whatever kind give a result, in ${ROUNDS} changes of transactions of all schemes`, { timeout: 600_000 }, async ({
  onTestFailed,
}) => {
  const random = randomOf(onTestFailed);
  const secret = keccak_256(fromHex('01'));
  const signer = secp256k1Signer(secret);
  const genesis = genesisOf({
    ethereumChainId: ETHEREUM_CHAIN,
    gasPrice: 1n,
    accounts: [addressOf('alice'), signer.address].map((address) => ({ address, balance: 10n ** 12n })),
  });
  const { chainId } = genesis.initChain;
  const to = `0x${toHex(addressOf('bob'))}`;
  const fields = { nonce: 0n, gasLimit: 50_000n, chainId: BigInt(ETHEREUM_CHAIN), to, value: 1n, data: '' };
  const ethereum = (signed: { toHex(): string }) => fromHex(signed.toHex());
  const draft = { lane: 5, nonce: 0, expiryHeight: 500, gasLimit: 50_000, maxFee: 50_000n, tip: 0n };
  const good = [
    await transferTx(genesis),
    await signTypedTx(
      { ...draft, messages: [{ grantSession: { key: new Uint8Array(32), kinds: [2], cap: 5n, expiryHeight: 400 } }] },
      { chainId, genesisHash: genesis.genesisHash },
      signer,
    ),
    ethereum(Transaction.prepare({ type: 'legacy', ...fields, gasPrice: 3n }, false).signBy(secret, false)),
    ethereum(
      Transaction.prepare({ type: 'eip1559', ...fields, nonce: 1n, maxFeePerGas: 5n, maxPriorityFeePerGas: 1n }, false).signBy(
        secret,
        false,
      ),
    ),
  ];
  const change = (): Uint8Array => {
    const bytes = Uint8Array.from(random.pick(good));
    const other = random.pick(good);
    return random.pick<() => Uint8Array>([
      () => {
        for (let i = random.between(1, 4); i > 0; i--) bytes[random.below(bytes.length)] = random.below(256);
        return bytes;
      },
      () => bytes.subarray(0, random.below(bytes.length)),
      () => concat(bytes, random.bytes(random.between(1, 40))),
      () => concat(bytes.subarray(0, random.below(bytes.length)), other.subarray(random.below(other.length))),
      () => concat(bytes, other),
      () => random.bytes(random.below(300)),
    ])();
  };

  const changed = (): Uint8Array => {
    for (;;) {
      const bytes = change();
      if (!good.some((one) => equal(one, bytes))) return bytes;
    }
  };
  const chain = await drive(genesis);
  const codes = new Set<number>();
  for (let round = 0; round < ROUNDS; round += PER_BLOCK) {
    const { txResults } = await chain.block(Array.from({ length: PER_BLOCK }, changed));
    for (const { code } of txResults) codes.add(code);
  }
  const { txResults } = await chain.block(good);
  expect(txResults.map(({ code }) => code)).toEqual([0, 0, 0, 0]);
  // the same bytes again: each nonce is used
  const again = await chain.block(good);
  expect(again.txResults.map(({ code }) => code)).toEqual(good.map(() => RESULT_CODE.TX_NONCE));
  const known = new Set<number>(Object.values(RESULT_CODE));
  expect([...codes].filter((code) => code !== 0 && !known.has(code))).toEqual([]);
  for (const expected of ['PARSE', 'NOT_CANONICAL', 'TX_AUTH'] as const) expect(codes).toContain(RESULT_CODE[expected]);
  await chain.machine.close();
});
