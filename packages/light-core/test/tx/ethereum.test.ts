import { secp256k1 } from '@noble/curves/secp256k1.js';
import { keccak_256 } from '@noble/hashes/sha3.js';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { SYSTEM_ADDRESS } from '@perigee/light-core/state';
import { decodeTx, verifyTxAuth } from '@perigee/light-core/tx';
import { concat, fromHex, PerigeeError, toHex, u8, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { decodeRlp, encodeRlp, type RlpItem, rlpNumber } from '../../src/tx/ethereum/rlp.ts';

const CHAIN = 31_337;
const context = {
  chainId: 'test-07070707',
  genesisHash: new Uint8Array(32).fill(7),
  ethereumChainId: CHAIN,
  verifyEd25519: nobleEd25519,
};
const secret = new Uint8Array(32).fill(0x46);
const to = new Uint8Array(20).fill(0x35);

interface Fields {
  nonce: bigint;
  to: Uint8Array;
  value: bigint;
  data: Uint8Array;
  chain: bigint;
  accessList: RlpItem;
  tip: bigint;
}
const usual: Fields = { nonce: 9n, to, value: 5n, data: new Uint8Array(0), chain: BigInt(CHAIN), accessList: [], tip: 1n };

function signatureOf(digest: Uint8Array): { parity: number; r: bigint; s: bigint } {
  const bytes = secp256k1.sign(digest, secret, { prehash: false, format: 'recovered' });
  const number = (part: Uint8Array) => BigInt(`0x${toHex(part)}`);
  return { parity: bytes[0] ?? 0, r: number(bytes.subarray(1, 33)), s: number(bytes.subarray(33)) };
}

function type2(change: Partial<Fields> = {}, edit: (fields: RlpItem[]) => RlpItem[] = (fields) => fields): Uint8Array {
  const { nonce, value, data, chain, accessList, tip, to: target } = { ...usual, ...change };
  const numbers = [chain, nonce, tip, 20n, 100_000n].map(rlpNumber);
  const fields: RlpItem[] = [...numbers, target, rlpNumber(value), data, accessList];
  const { parity, r, s } = signatureOf(keccak_256(concat(u8(2), encodeRlp(fields))));
  return concat(u8(2), encodeRlp(edit([...fields, rlpNumber(BigInt(parity)), rlpNumber(r), rlpNumber(s)])));
}

function type0(change: Partial<Fields> = {}, protectedBy = true): Uint8Array {
  const { nonce, value, data, chain, to: target } = { ...usual, ...change };
  const fields: RlpItem[] = [...[nonce, 20n, 100_000n].map(rlpNumber), target, rlpNumber(value), data];
  const signed = protectedBy ? [...fields, ...[chain, 0n, 0n].map(rlpNumber)] : fields;
  const { parity, r, s } = signatureOf(keccak_256(encodeRlp(signed)));
  const v = protectedBy ? 2n * chain + 35n + BigInt(parity) : 27n + BigInt(parity);
  return encodeRlp([...fields, ...[v, r, s].map(rlpNumber)]);
}

async function codeOf(bytes: Uint8Array, change: Partial<typeof context> = {}): Promise<string> {
  try {
    await verifyTxAuth(decodeTx(bytes), { ...context, ...change });
    return 'accepted';
  } catch (error) {
    return error instanceof PerigeeError ? error.code : String(error);
  }
}

describe('an Ethereum transaction', () => {
  it('is itself the transaction: the example of EIP-155', async () => {
    const raw = fromHex(
      'f86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a764000080' +
        '25a028ef61340bd939bc2195fe537567866003e1a15d3c71ff63e1590620aa636276' +
        'a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83',
    );
    const { tx } = await verifyTxAuth(decodeTx(raw), { ...context, ethereumChainId: 1 });
    expect(toHex(tx.sender)).toBe('9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f');
    expect(tx).toMatchObject({
      lane: 0,
      nonce: 9,
      gasLimit: 21_000,
      expiryHeight: undefined,
      bid: { maxFee: 21_000n * 20_000_000_000n, maxPerGas: 20_000_000_000n },
      messages: [{ transfer: { to, amount: 10n ** 18n } }],
    });
  });

  it('of type 2 is taken from the same account', async () => {
    const { tx } = await verifyTxAuth(decodeTx(type2()), context);
    expect(toHex(tx.sender)).toBe('9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f');
    expect(tx.bid).toEqual({ maxFee: 2_000_000n, maxPerGas: 20n, tipPerGas: 1n });
  });

  it('is refused for another chain, without one, and where the chain takes none', async () => {
    expect(await codeOf(type2({ chain: 1n }))).toBe('TX_CHAIN');
    expect(await codeOf(type0({ chain: 1n }))).toBe('TX_CHAIN');
    expect(await codeOf(type0({}, false))).toBe('TX_AUTH');
    expect(await codeOf(type2(), { ethereumChainId: 0 })).toBe('TX_AUTH');
  });

  it('is refused with an access list, without a receiver, of another type, with a high s, or too large numbers', async () => {
    expect(await codeOf(type2({ accessList: [[to, []]] }))).toBe('TX_AUTH');
    expect(await codeOf(type2({ accessList: new Uint8Array(0) }))).toBe('TX_AUTH');
    expect(await codeOf(type2({ to: new Uint8Array(0), data: utf8('code') }))).toBe('TX_MESSAGE');
    expect(await codeOf(type2({ to: to.slice(1) }))).toBe('PARSE');
    expect(await codeOf(type2({ tip: 21n }))).toBe('TX_AUTH');
    expect(await codeOf(type2({ value: 1n << 128n }))).toBe('TX_MESSAGE');
    expect(await codeOf(type2({ value: 1n << 256n }))).toBe('PARSE');
    expect(await codeOf(type2({ nonce: 1n << 60n }))).toBe('PARSE');
    for (const type of [1, 3, 4, 0x7f, 0x80, 0xbf]) expect(await codeOf(concat(u8(type), type2().slice(1)))).not.toBe('accepted');
    const high = type2({}, (fields) => {
      const [parity, s] = [fields[9], fields[11]].map((item) => BigInt(`0x${toHex(item as Uint8Array) || '0'}`));
      return [
        ...fields.slice(0, 9),
        rlpNumber(1n - (parity ?? 0n)),
        fields[10] ?? [],
        rlpNumber(secp256k1.Point.Fn.ORDER - (s ?? 0n)),
      ];
    });
    expect(await codeOf(high)).toBe('TX_AUTH');
    expect(await codeOf(type2({}, (fields) => fields.with(9, Uint8Array.of(2))))).toBe('TX_AUTH');
    expect(await codeOf(type2({}, (fields) => fields.with(9, Uint8Array.of(0))))).toBe('NOT_CANONICAL');
    expect(await codeOf(type2({}, (fields) => [...fields, new Uint8Array(0)]))).toBe('PARSE');
    expect(await codeOf(type2({}, (fields) => fields.with(1, Uint8Array.of(0, 9))))).toBe('NOT_CANONICAL');
    expect(await codeOf(type2({}, (fields) => fields.with(11, new Uint8Array(0))))).toBe('TX_AUTH');
  });

  it('is another one, or none, when a bit of it was changed', async () => {
    const raw = type2();
    const { tx } = await verifyTxAuth(decodeTx(raw), context);
    for (let bit = 0; bit < 8 * raw.length; bit += 7) {
      const bytes = Uint8Array.from(raw);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      const changed = await (async () => verifyTxAuth(decodeTx(bytes), context))().catch(() => undefined);
      expect(changed?.tx.sender, `bit ${bit}`).not.toEqual(tx.sender);
    }
  });

  it('is refused cut off, or with bytes behind it', async () => {
    for (const raw of [type0(), type2()]) {
      for (let length = 1; length < raw.length; length++) {
        expect(await codeOf(raw.slice(0, length))).toMatch(/^(PARSE|NOT_CANONICAL)$/);
      }
      expect(await codeOf(concat(raw, u8(0)))).toBe('NOT_CANONICAL');
    }
  });
});

describe('calls of the system', () => {
  const key = new Uint8Array(32).fill(3);
  const word = (value: bigint) => fromHex(value.toString(16).padStart(64, '0'));
  const callOf = (signature: string, ...words: Uint8Array[]) => concat(keccak_256(utf8(signature)).slice(0, 4), ...words);
  const messageOf = (data: Uint8Array, value = 0n) => {
    const decoded = decodeTx(type2({ to: SYSTEM_ADDRESS, data, value }));
    return decoded.ethereum?.messages[0];
  };
  const GRANT = 'grantSession(bytes32,uint256,uint256,uint256)';

  it('are native messages', () => {
    expect(messageOf(callOf('stake(bytes32,bytes32)', key, word(0n)), 7n)).toEqual({ stake: { amount: 7n, validatorKey: key } });
    expect(messageOf(callOf('stake(bytes32,bytes32)', key, key), 7n)).toEqual({
      stake: { amount: 7n, validatorKey: key, committeeKey: key },
    });
    expect(messageOf(callOf('unstake(uint256)', word(8n)))).toEqual({ unstake: { amount: 8n } });
    expect(messageOf(callOf(GRANT, key, word(0b110n), word(5n), word(99n)))).toEqual({
      grantSession: { key, kinds: [1, 2], cap: 5n, expiryHeight: 99 },
    });
    expect(messageOf(callOf('revokeSession(bytes32)', key))).toEqual({ revokeSession: { key } });
  });

  it('are refused when they are unknown, too short or long, out of range, or carry tokens for nothing', async () => {
    const refused = [
      new Uint8Array(0),
      utf8('abc'),
      callOf('transfer(address,uint256)', word(1n), word(1n)),
      callOf('unstake(uint256)'),
      callOf('unstake(uint256)', word(1n), word(1n)),
      callOf('unstake(uint256)', word(1n << 128n)),
      callOf(GRANT, key, word(1n << 40n), word(5n), word(99n)),
      callOf(GRANT, key, word(2n), word(5n), word(1n << 53n)),
    ];
    for (const data of refused) expect(await codeOf(type2({ to: SYSTEM_ADDRESS, data, value: 0n }))).toBe('TX_MESSAGE');
    expect(await codeOf(type2({ to: SYSTEM_ADDRESS, data: callOf('unstake(uint256)', word(1n)) }))).toBe('TX_MESSAGE');
    expect(await codeOf(type2({ data: callOf('unstake(uint256)', word(1n)) }))).toBe('TX_MESSAGE');
    expect(await codeOf(type2({ to: SYSTEM_ADDRESS }))).toBe('TX_MESSAGE');
  });
});

describe('RLP', () => {
  it('is read as it is written, and in no other form', () => {
    const items: RlpItem[] = [
      new Uint8Array(0),
      u8(0),
      u8(127),
      u8(128),
      utf8('a'.repeat(55)),
      utf8('b'.repeat(300)),
      [],
      [[u8(1)], utf8('dog')],
    ];
    for (const item of items) expect(decodeRlp(encodeRlp(item))).toEqual(item);
    const wrong = [
      '8100',
      '817f',
      'b800',
      `b837${'61'.repeat(55)}`,
      'b90037',
      'f800',
      'c180ff',
      '',
      '82',
      'b8',
      'c2',
      'ff',
      '8080',
    ];
    for (const hex of wrong) expect(() => decodeRlp(fromHex(hex)), hex).toThrow(PerigeeError);
    let deep: RlpItem = [];
    for (let i = 0; i < 9; i++) deep = [deep];
    expect(() => decodeRlp(encodeRlp(deep))).toThrow(expect.objectContaining({ code: 'PARSE' }));
    expect(() => decodeRlp(encodeRlp(Array.from({ length: 65 }, () => u8(1))))).toThrow(
      expect.objectContaining({ code: 'PARSE' }),
    );
  });
});
