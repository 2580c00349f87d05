import { secp256k1 } from '@noble/curves/secp256k1.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { dataRootOf, nobleFileHash } from '@perigee/light-core/storage';
import {
  bodyOf,
  decodeTx,
  hashTypedData,
  secp256k1Signer,
  signTypedTx,
  type TxAuthContext,
  type TxDraft,
  tokensInWords,
  typedDataOf,
  verifyTxAuth,
  walletSigner,
} from '@perigee/light-core/tx';
import {
  type ComputeRegister,
  concat,
  fromHex,
  PerigeeError,
  type StorageSubmit,
  Tx,
  type TxMessage,
  toHex,
  u8,
} from '@perigee/wire';
import { describe, expect, it } from 'vitest';

const chain = { chainId: 'perigee-07070707', genesisHash: new Uint8Array(32).fill(7) };
const context = { ...chain, ethereumChainId: 0, verifyEd25519: nobleEd25519 };
/** keccak256("cow"): the key of the example in EIP-712. */
const COW = fromHex('c85ef7d79691fe79573b1a7064c19c1a9819ebdbd1faaab1a8ec92344438aaf4');
const signer = secp256k1Signer(COW);
const draft: TxDraft = {
  lane: 3,
  nonce: 5,
  expiryHeight: 100,
  gasLimit: 10_000,
  maxFee: 2n * 10n ** 16n,
  tip: 0n,
  messages: [{ transfer: { to: new Uint8Array(20).fill(9), amount: 125n * 10n ** 17n } }],
};
const raw = await signTypedTx(draft, chain, signer);

async function codeOf(bytes: Uint8Array, change: Partial<TxAuthContext> = {}): Promise<string> {
  try {
    await verifyTxAuth(decodeTx(bytes), { ...context, ...change });
    return 'accepted';
  } catch (error) {
    return error instanceof PerigeeError ? error.code : String(error);
  }
}

function withSignature(signature: Uint8Array, publicKey: Uint8Array = new Uint8Array(0)): Uint8Array {
  return Tx.encode({ ...Tx.decode(raw), auth: { scheme: 2, publicKey, signature } });
}

/** Of the typed data of all kinds below. */
const HASH = '9f10082992c20fe73fbfcbcb27595c7e89d1d4d3c7647a4ee34817b064206edd';
/** Of that of writes to streams. */
const KV_HASH = 'ab98c9e066d73156a03ac8a8f065d64b066378ea184c6838cd57a50719adab74';
/** Of those of the compute layer, one after another. */
const COMPUTE_HASH = '38e7ddb4e25610ef6a56c9cc5b5fa338f17801cac5fcedffb6dcd63b538598e4';
/** Of that of a file. */
const FILE_HASH = 'e9e769f08d664284dd8685f24dfcc281a51517cddb99ccd522981bf7a9607a80';

describe('typed data', () => {
  it('has the hash of the example in EIP-712', () => {
    const person = [
      { name: 'name', type: 'string' },
      { name: 'wallet', type: 'address' },
    ];
    const digest = hashTypedData({
      types: {
        EIP712Domain: [
          { name: 'name', type: 'string' },
          { name: 'version', type: 'string' },
          { name: 'chainId', type: 'uint256' },
          { name: 'verifyingContract', type: 'address' },
        ],
        Person: person,
        Mail: [
          { name: 'from', type: 'Person' },
          { name: 'to', type: 'Person' },
          { name: 'contents', type: 'string' },
        ],
      },
      primaryType: 'Mail',
      domain: {
        name: 'Ether Mail',
        version: '1',
        chainId: '1',
        verifyingContract: '0xCcCCccccCCCCcCCCCCCcCcCccCcCCCcCcccccccC',
      },
      message: {
        from: { name: 'Cow', wallet: '0xCD2a3d9F938E13CD947Ec05AbC7FE734Df8DD826' },
        to: { name: 'Bob', wallet: '0xbBbBBBBbbBBBbbbBbbBbbbbBBbBbbbbBbBbbBBbB' },
        contents: 'Hello, Bob!',
      },
    });
    expect(toHex(digest)).toBe('be609aee343fb3c4b28e1df9e632fca64fcfaede20f02e86244efddf30957bd2');
    expect(toHex(signer.address)).toBe('cd2a3d9f938e13cd947ec05abc7fe734df8dd826');
  });

  it('says amount, recipient, fee and network in words', () => {
    const { message, domain, types } = typedDataOf(bodyOf(Tx.decode(raw)), chain);
    expect(message).toEqual({
      network: 'perigee-07070707',
      account: '0xcd2a3d9f938e13cd947ec05abc7fe734df8dd826',
      feeAtMost: '0.02 tokens',
      tip: '0 tokens',
      gasLimit: '10000',
      lane: '3',
      nonce: '5',
      lastBlock: '100',
      action1: { action: 'Send tokens', amount: '12.5 tokens', recipient: `0x${'09'.repeat(20)}` },
    });
    expect(domain).toEqual({ name: 'Perigee', version: '0', salt: `0x${'07'.repeat(32)}` });
    expect(types.Transfer?.map(({ name }) => name)).toEqual(['action', 'amount', 'recipient']);
  });

  it('has one struct for each kind of message, and the same hash as when the format was fixed', () => {
    const key = new Uint8Array(32).fill(3);
    const messages = [
      { transfer: { to: new Uint8Array(20), amount: 1n } },
      { grantSession: { key, kinds: [1, 2], cap: 10n ** 18n, expiryHeight: 50 } },
      { revokeSession: { key } },
      { stake: { amount: 10n ** 18n, validatorKey: key } },
      { stake: { amount: 10n ** 18n, validatorKey: key, committeeKey: key } },
      { unstake: { amount: 1n } },
    ];
    const data = typedDataOf({ ...bodyOf(Tx.decode(raw)), messages }, chain);
    expect(Object.keys(data.types)).toEqual([
      'EIP712Domain',
      'Transaction',
      'Transfer',
      'GrantSession',
      'RevokeSession',
      'Stake',
      'Unstake',
    ]);
    expect(data.message.action2).toMatchObject({
      mayDo: 'certify, transfer',
      maySpend: '1 tokens, fees included',
      until: 'block 50',
    });
    expect(toHex(hashTypedData(data))).toBe(HASH);
  });

  it('says of a file what is stored and paid, each in words of its own', () => {
    const [first, second] = [1, 2].map((fill) => new Uint8Array(32).fill(fill)) as [Uint8Array, Uint8Array];
    const file: StorageSubmit = {
      length: 5_000,
      nodes: [
        { root: first, height: 4 },
        { root: second, height: 2 },
      ],
      tags: u8(7),
      value: 480n,
    };
    const dataOf = (change: Partial<StorageSubmit> = {}) =>
      typedDataOf({ ...bodyOf(Tx.decode(raw)), messages: [{ storageSubmit: { ...file, ...change } }] }, chain);
    expect(dataOf().message.action1).toEqual({
      action: 'Store a file and pay for its sectors',
      size: '5000 bytes',
      dataRoot: `0x${toHex(dataRootOf(file.nodes, nobleFileHash))}`,
      nodeRoots: `0x${'01'.repeat(32)}${'02'.repeat(32)}`,
      nodeHeights: '4, 2',
      tags: '0x07',
      payAtMost: '0.00000000000000048 tokens',
    });
    expect(Object.keys(dataOf().types)).toEqual(['EIP712Domain', 'Transaction', 'StoreFile']);
    const changes: Partial<StorageSubmit>[] = [
      { length: 5_001 },
      { nodes: file.nodes.toReversed() },
      { nodes: file.nodes.slice(1) },
      { nodes: file.nodes.map((node) => ({ ...node, height: node.height + 1 })) },
      { nodes: [] },
      { tags: new Uint8Array(0) },
      { value: 481n },
    ];
    const hashes = [{}, ...changes].map((change) => toHex(hashTypedData(dataOf(change))));
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(hashes[0]).toBe(FILE_HASH);
  });

  it('names the streams, the number and the hash of what is written to streams', () => {
    const [stream, data] = [new Uint8Array(32).fill(1), new Uint8Array(40).fill(2)];
    const kv: readonly TxMessage[] = [{ kvSet: { streams: [stream], data } }, { kvApply: { txSeq: 7, data } }];
    const wordsOf = (messages: readonly TxMessage[]) => typedDataOf({ ...bodyOf(Tx.decode(raw)), messages }, chain);
    const hash = `0x${toHex(sha256(data))}`;
    expect(wordsOf(kv).message).toMatchObject({
      action1: { streams: `0x${toHex(stream)}`, size: '40 bytes', data: hash },
      action2: { submission: '7', size: '40 bytes', data: hash },
    });
    const changes: readonly TxMessage[] = [
      { kvSet: { streams: [stream, stream], data } },
      { kvSet: { streams: [stream], data: data.subarray(1) } },
      { kvApply: { txSeq: 8, data } },
      { kvApply: { txSeq: 7, data: data.subarray(1) } },
    ];
    const hashes = [...kv, ...changes].map((message) => toHex(hashTypedData(wordsOf([message]))));
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(toHex(hashTypedData(wordsOf(kv)))).toBe(KV_HASH);
  });

  it('has words of its own for every word of the compute layer', () => {
    const bytes = (length: number, value: number) => new Uint8Array(length).fill(value);
    const signer = { scheme: 1, key: bytes(32, 1) };
    const register: ComputeRegister = {
      signer,
      encryptionKey: bytes(32, 2),
      modelRoot: bytes(32, 3),
      price: { perRequest: 1n, perPromptToken: 2n, perAnswerToken: 3n },
      endpoints: ['https://a.example', 'https://b.example'],
      simulated: false,
      boundHeight: 7,
      stake: 10n ** 18n,
      evidence: bytes(40, 4),
      collateral: bytes(41, 5),
      possession: bytes(64, 6),
    };
    const cap = { provider: bytes(20, 6), left: 5n };
    const changes: Partial<ComputeRegister>[] = [
      { signer: { scheme: 2, key: bytes(32, 1) } },
      { signer: { scheme: 257, key: bytes(32, 1) } },
      { signer: { scheme: 1, key: bytes(31, 1) } },
      { encryptionKey: bytes(32, 9) },
      { modelRoot: bytes(32, 9) },
      { price: { ...register.price, perRequest: 2n } },
      { price: { ...register.price, perPromptToken: 3n } },
      { price: { ...register.price, perAnswerToken: 4n } },
      { endpoints: ['https://a.example","https://b.example'] },
      { endpoints: ['https://a.example'] },
      { simulated: true },
      { boundHeight: 8 },
      { stake: 1n },
      { evidence: bytes(41, 4) },
      { collateral: bytes(42, 5) },
      { possession: bytes(65, 6) },
    ];
    const messages: readonly TxMessage[] = [
      ...[{}, ...changes].map((change) => ({ computeRegister: { ...register, ...change } })),
      { computeRetire: { signers: [signer], amount: 1n } },
      { computeRetire: { signers: [signer, signer], amount: 1n } },
      { computeRetire: { signers: [signer], amount: 2n } },
      { computeDeposit: { amount: 1n, caps: [] } },
      { computeDeposit: { amount: 1n, caps: [cap] } },
      { computeDeposit: { amount: 1n, caps: [{ ...cap, left: 6n }] } },
      { computeDeposit: { amount: 2n, caps: [cap] } },
      { computeWithdraw: { amount: 1n } },
      { computeWithdraw: { amount: 2n } },
      { computeSettle: { signer, claims: [] } },
      { computeSettle: { signer: { scheme: 2, key: bytes(20, 1) }, claims: [] } },
    ];
    const dataOf = (message: TxMessage) => typedDataOf({ ...bodyOf(Tx.decode(raw)), messages: [message] }, chain);
    const hashes = messages.map((message) => toHex(hashTypedData(dataOf(message))));
    expect(new Set(hashes).size).toBe(hashes.length);
    expect(toHex(sha256(concat(...hashes.map((hash) => fromHex(hash)))))).toBe(COMPUTE_HASH);
    expect(dataOf(messages[0] ?? {}).message.action1).toMatchObject({
      action: 'Register keys and a model that evidence of hardware binds, and put tokens at stake',
      stake: '1 tokens',
      hardware: 'real',
      boundTo: 'block 7',
    });
  });

  it('has words of its own for every amount', () => {
    expect([0n, 1n, 10n ** 18n, 10n ** 18n + 1n, (1n << 128n) - 1n].map(tokensInWords)).toEqual([
      '0 tokens',
      '0.000000000000000001 tokens',
      '1 tokens',
      '1.000000000000000001 tokens',
      '340282366920938463463.374607431768211455 tokens',
    ]);
  });
});

describe('a transaction signed as typed data', () => {
  it('is that of the recovered address', async () => {
    const { tx, sessionKey } = await verifyTxAuth(decodeTx(raw), context);
    expect(tx.sender).toEqual(signer.address);
    expect(sessionKey).toBeUndefined();
  });

  it('is refused when any field of its body is another, or on another chain', async () => {
    const other = new Uint8Array(32).fill(8);
    for (const change of [{ lane: 4 }, { nonce: 6 }, { expiryHeight: 9 }, { gasLimit: 1 }, { maxFee: 1n }, { tip: 1n }]) {
      expect(await codeOf(Tx.encode({ ...Tx.decode(raw), ...change }))).toBe('TX_SENDER');
    }
    const messages = [{ transfer: { to: new Uint8Array(20).fill(9), amount: 1n } }];
    expect(await codeOf(Tx.encode({ ...Tx.decode(raw), messages }))).toBe('TX_SENDER');
    expect(await codeOf(Tx.encode({ ...Tx.decode(raw), sender: new Uint8Array(20) }))).toBe('TX_SENDER');
    expect(await codeOf(raw, { genesisHash: other })).toBe('TX_CHAIN');
    expect(await codeOf(raw, { genesisHash: concat(chain.genesisHash.slice(8), other.slice(8)) })).not.toBe('accepted');
    expect(await codeOf(raw, { chainId: 'other-07070707' })).toBe('TX_SENDER');
  });

  it('has one form: high s, another v, a key beside it, other lengths are refused', async () => {
    const { signature } = Tx.decode(raw).auth;
    const [r, v] = [signature.slice(0, 32), signature[64] ?? 0];
    const s = BigInt(`0x${toHex(signature.slice(32, 64))}`);
    const high = fromHex((secp256k1.Point.Fn.ORDER - s).toString(16).padStart(64, '0'));
    expect(await codeOf(withSignature(signature))).toBe('accepted');
    expect(await codeOf(withSignature(concat(r, high, u8(55 - v))))).toBe('TX_AUTH');
    for (const other of [v - 27, 29, 0, 255]) {
      expect(await codeOf(withSignature(concat(signature.slice(0, 64), u8(other))))).toBe('TX_AUTH');
    }
    expect(await codeOf(withSignature(concat(signature.slice(0, 64), u8(55 - v))))).toMatch(/TX_AUTH|TX_SENDER/);
    expect(await codeOf(withSignature(signature, signer.address))).toBe('TX_AUTH');
    expect(await codeOf(withSignature(signature.slice(0, 64)))).toBe('TX_AUTH');
    for (const zero of [concat(new Uint8Array(32), signature.slice(32)), concat(r, new Uint8Array(32), u8(v))]) {
      expect(await codeOf(withSignature(zero))).toBe('TX_AUTH');
    }
    const order = fromHex(secp256k1.Point.Fn.ORDER.toString(16));
    expect(await codeOf(withSignature(concat(order, signature.slice(32))))).toBe('TX_AUTH');
  });

  it('may come from a wallet that writes v as 0 or 1, and from no other', async () => {
    const asked: unknown[] = [];
    const walletWith = (change: (signature: Uint8Array<ArrayBuffer>) => string | number) =>
      walletSigner(
        {
          async request({ method, params }) {
            asked.push([method, params[0]]);
            return change(Uint8Array.from(await signer.signTypedData(JSON.parse(String(params[1])))));
          },
        },
        `0x${toHex(signer.address)}`,
      );
    const low = walletWith((signature) => `0x${toHex(concat(signature.slice(0, 64), u8((signature[64] ?? 0) - 27)))}`);
    expect(await signTypedTx(draft, chain, low)).toEqual(raw);
    expect(asked).toEqual([['eth_signTypedData_v4', `0x${toHex(signer.address)}`]]);
    for (const bad of [
      () => 7,
      () => '0x',
      (signature: Uint8Array<ArrayBuffer>) => toHex(concat(signature.slice(0, 64), u8(31))),
    ]) {
      await expect(signTypedTx(draft, chain, walletWith(bad))).rejects.toBeInstanceOf(PerigeeError);
    }
  });
});
