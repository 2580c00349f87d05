import { MESSAGE_KIND } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { RESULT_CODE } from '../../src/index.ts';
import { addressOf, BALANCE, genesisOf, signerOf, transferTx } from '../devnet.ts';
import { type Driven, drive } from './drive.ts';

const genesis = genesisOf({ gasPrice: 1n });
const alice = addressOf('alice');
const key = signerOf('session').publicKey;

async function codesOf(chain: Driven, ...txs: Promise<Uint8Array>[]): Promise<number[]> {
  const { txResults } = await chain.block(await Promise.all(txs));
  return txResults.map(({ code }) => code);
}

function grantOf(change: object = {}) {
  return { grantSession: { key, kinds: [MESSAGE_KIND.transfer], cap: 100_000n, expiryHeight: 10, ...change } };
}

const asAlice = (nonce: number, change: Parameters<typeof transferTx>[1] = {}) => transferTx(genesis, { nonce, ...change });
const bySession = (nonce: number, change: Parameters<typeof transferTx>[1] = {}) =>
  transferTx(genesis, { from: 'session', account: alice, nonce, ...change });
const pay = (amount: bigint) => ({ messages: [{ transfer: { to: addressOf('bob'), amount } }] });

describe('a session key', () => {
  it('acts as the account that granted it, and pays from its balance', async () => {
    const chain = await drive(genesis);
    expect(await codesOf(chain, asAlice(0, { messages: [grantOf()] }))).toEqual([0]);
    const before = chain.account('alice').balance;
    const { txResults } = await chain.block([await bySession(1, pay(7n))]);
    expect(txResults).toMatchObject([{ code: 0 }]);
    expect(chain.account('alice')).toEqual({
      balance: before - 7n - BigInt(txResults[0]?.gasUsed ?? 0),
      nonces: [{ lane: 0, next: 2 }],
    });
    expect(chain.account('bob').balance).toBe(BALANCE + 7n);
    await chain.machine.close();
  });

  it('does nothing without a grant, after it was ended, and after its last height', async () => {
    const chain = await drive(genesis);
    expect(await codesOf(chain, bySession(0))).toEqual([RESULT_CODE.TX_SENDER]);
    expect(await codesOf(chain, asAlice(0, { messages: [grantOf({ expiryHeight: 4 })] }), bySession(1))).toEqual([0, 0]);
    // that of another account is none
    expect(await codesOf(chain, transferTx(genesis, { from: 'session', account: addressOf('bob') }))).toEqual([
      RESULT_CODE.TX_SENDER,
    ]);
    expect(await codesOf(chain, bySession(2))).toEqual([0]);
    expect(await codesOf(chain, bySession(3))).toEqual([RESULT_CODE.TX_AUTH]);
    const end = { messages: [{ revokeSession: { key } }] };
    expect(await codesOf(chain, asAlice(3, { messages: [grantOf()] }), asAlice(4, end), bySession(5), asAlice(5, end))).toEqual([
      0,
      0,
      RESULT_CODE.TX_SENDER,
      RESULT_CODE.TX_MESSAGE,
    ]);
    await chain.machine.close();
  });

  it('does what it was granted, and nothing else', async () => {
    const chain = await drive(genesis);
    const kinds = [MESSAGE_KIND.certify, MESSAGE_KIND.stake];
    expect(await codesOf(chain, asAlice(0, { messages: [grantOf({ kinds })] }))).toEqual([0]);
    const messages = [[grantOf()], [{ revokeSession: { key } }], [{ unstake: { amount: 1n } }], pay(1n).messages];
    for (const message of messages)
      expect(await codesOf(chain, bySession(1, { messages: message }))).toEqual([RESULT_CODE.TX_AUTH]);
    await chain.machine.close();
  });

  it('spends no more than its cap, fees included', async () => {
    const chain = await drive(genesis);
    await chain.block([await asAlice(0, { messages: [grantOf()] })]);
    const { txResults } = await chain.block([await bySession(1, pay(90_000n))]);
    const gas = txResults[0]?.gasUsed ?? 0;
    expect(txResults[0]?.code).toBe(0);
    // 10,000 - gas are left: a message that wants more fails and costs its fee, until the fee itself is too much
    expect(await codesOf(chain, bySession(2, pay(10_000n)))).toEqual([RESULT_CODE.TX_MESSAGE]);
    expect(gas).toBeGreaterThan(3_333);
    expect(await codesOf(chain, bySession(3, pay(0n)), bySession(4, pay(0n)))).toEqual([
      RESULT_CODE.TX_AUTH,
      RESULT_CODE.TX_AUTH,
    ]);
    expect(chain.account('bob').balance).toBe(BALANCE + 90_000n);
    await chain.machine.close();
  });
});

describe('a grant', () => {
  it('is refused without kinds, for kinds out of order, unknown, or of sessions, and for the past', async () => {
    const chain = await drive(genesis);
    await chain.skipTo(3);
    const bad = [
      { kinds: [] },
      { kinds: [2, 1] },
      { kinds: [2, 2] },
      { kinds: [3] },
      { kinds: [4] },
      { kinds: [Math.max(...Object.values(MESSAGE_KIND)) + 1] },
      { expiryHeight: 3 },
    ];
    const codes = await codesOf(chain, ...bad.map((change, i) => asAlice(i, { messages: [grantOf(change)] })));
    expect(codes).toEqual(bad.map(() => RESULT_CODE.TX_MESSAGE));
    await chain.machine.close();
  });

  it('takes the place of the key’s earlier one; there are sixteen, and those that ended make room', async () => {
    const chain = await drive(genesis);
    const grants = Array.from({ length: 17 }, (_, i) =>
      grantOf({ key: signerOf(`key ${i}`).publicKey, expiryHeight: i === 3 ? 2 : 50 }),
    );
    const txs = grants.map((grant, nonce) => asAlice(nonce, { messages: [grant] }));
    expect(await codesOf(chain, ...txs)).toEqual([...Array.from({ length: 16 }, () => 0), RESULT_CODE.TX_MESSAGE]);
    expect(await codesOf(chain, asAlice(17, { messages: [grants[0] ?? {}] }))).toEqual([0]);
    expect(await codesOf(chain, asAlice(18, { messages: [grants[16] ?? {}] }))).toEqual([0]);
    await chain.machine.close();
  });
});
