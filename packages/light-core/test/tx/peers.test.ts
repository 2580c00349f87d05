/** Another library (micro-eth-signer) makes what we verify, and verifies what we make. */
import { keccak_256 } from '@noble/hashes/sha3.js';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { SYSTEM_ADDRESS } from '@perigee/light-core/state';
import { bodyOf, decodeTx, hashTypedData, secp256k1Signer, signTypedTx, typedDataOf, verifyTxAuth } from '@perigee/light-core/tx';
import { concat, fromHex, MESSAGE_KIND, Tx, type TxMessage, toHex, utf8 } from '@perigee/wire';
import { addr, recoverAddressTyped, signTyped, Transaction } from 'micro-eth-signer';
import { describe, expect, it } from 'vitest';
import { type Random, randomOf } from '../../../../tests/kit/random.ts';

const ROUNDS = process.env.PERIGEE_LONG === '1' ? 2_000 : 20;
const ETHEREUM_CHAIN = 31_337;
const chain = { chainId: 'perigee-07070707', genesisHash: new Uint8Array(32).fill(7) };
const context = { ...chain, ethereumChainId: ETHEREUM_CHAIN, verifyEd25519: nobleEd25519 };

const hex = (bytes: Uint8Array) => `0x${toHex(bytes)}`;
const wide = (random: Random, bytes: number) => BigInt(hex(random.bytes(random.between(1, bytes))));
const whole = (random: Random) => Number(wide(random, 6));

function messageOf(random: Random): TxMessage {
  const key = random.bytes(32);
  return random.pick<() => TxMessage>([
    () => ({ transfer: { to: random.bytes(20), amount: wide(random, 16) } }),
    () => ({
      stake: { amount: wide(random, 16), validatorKey: key, ...(random.chance(0.5) ? { committeeKey: random.bytes(32) } : {}) },
    }),
    () => ({ unstake: { amount: wide(random, 16) } }),
    () => ({ revokeSession: { key } }),
    () => ({
      storageSubmit: {
        length: whole(random),
        nodes: Array.from({ length: random.below(5) }, () => ({ root: random.bytes(32), height: random.below(35) })),
        tags: random.bytes(random.below(70)),
        value: wide(random, 16),
      },
    }),
    () => ({
      grantSession: {
        key,
        kinds: Object.values(MESSAGE_KIND).filter(() => random.chance(0.5)),
        cap: wide(random, 16),
        expiryHeight: whole(random),
      },
    }),
  ])();
}

describe('typed data', () => {
  it(`is hashed and signed alike by both, in ${ROUNDS} transactions`, { timeout: 600_000 }, async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    for (let round = 0; round < ROUNDS; round++) {
      const secret = random.bytes(32);
      const draft = {
        lane: random.u32(),
        nonce: whole(random),
        expiryHeight: whole(random),
        gasLimit: whole(random),
        maxFee: wide(random, 16),
        tip: wide(random, 16),
        messages: Array.from({ length: random.between(1, 4) }, () => messageOf(random)),
      };
      const signer = secp256k1Signer(secret);
      expect(hex(signer.address)).toBe(addr.fromPrivateKey(toHex(secret)).toLowerCase());
      const raw = await signTypedTx(draft, chain, signer);
      const decoded = decodeTx(raw);
      expect((await verifyTxAuth(decoded, context)).tx.sender).toEqual(signer.address);

      const tx = Tx.decode(raw);
      const data = JSON.parse(JSON.stringify(typedDataOf(bodyOf(tx), chain)));
      expect(recoverAddressTyped(hex(tx.auth.signature), data).toLowerCase()).toBe(hex(signer.address));
      const theirs = fromHex(signTyped(data, toHex(secret)));
      expect(
        (await verifyTxAuth(decodeTx(Tx.encode({ ...tx, auth: { ...tx.auth, signature: theirs } })), context)).tx.sender,
      ).toEqual(signer.address);
      expect(hashTypedData(data)).toHaveLength(32);
    }
  });
});

describe('an Ethereum transaction', () => {
  it(`of another library is read as it was meant, in ${ROUNDS} of both types`, async ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    const selector = keccak_256(utf8('unstake(uint256)')).subarray(0, 4);
    for (let round = 0; round < ROUNDS; round++) {
      const key = toHex(random.bytes(32));
      const amount = wide(random, 16);
      const isCall = random.chance(0.3);
      const word = fromHex(amount.toString(16).padStart(64, '0'));
      const to = isCall ? SYSTEM_ADDRESS : random.bytes(20);
      const [nonce, gasLimit, price] = [BigInt(whole(random)), BigInt(random.between(21_000, 10_000_000)), wide(random, 5) + 2n];
      const fields = {
        nonce,
        gasLimit,
        chainId: BigInt(ETHEREUM_CHAIN),
        to: hex(to),
        value: isCall ? 0n : amount,
        data: isCall ? hex(concat(selector, word)) : '',
      };
      const isLegacy = random.chance(0.5);
      const signed = isLegacy
        ? Transaction.prepare({ type: 'legacy', ...fields, gasPrice: price }, false).signBy(key, false)
        : Transaction.prepare({ type: 'eip1559', ...fields, maxFeePerGas: price, maxPriorityFeePerGas: 1n }, false).signBy(
            key,
            false,
          );
      const { tx } = await verifyTxAuth(decodeTx(fromHex(signed.toHex())), context);
      expect(hex(tx.sender)).toBe(addr.fromPrivateKey(key).toLowerCase());
      expect(tx).toMatchObject({ lane: 0, nonce: Number(nonce), gasLimit: Number(gasLimit) });
      expect(tx.bid).toMatchObject({ maxFee: gasLimit * price, maxPerGas: price, tipPerGas: isLegacy ? price : 1n });
      expect(tx.messages).toEqual([isCall ? { unstake: { amount } } : { transfer: { to, amount } }]);
    }
  });
});
