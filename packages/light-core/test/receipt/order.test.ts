import { readFileSync, writeFileSync } from 'node:fs';
import {
  checkpointSignBytes,
  ed25519InferenceSigner,
  encodeReceiptFile,
  executionHashOf,
  failedCheckOf,
  feeOf,
  isUnpaid,
  orderIdOf,
  orderSignBytes,
  orderTypedData,
  requestHashOf,
  secp256k1InferenceSigner,
  signCheckpoint,
  signOrder,
  signTypedOrder,
  unpaidOrder,
  verifyClaim,
  verifyOrder,
} from '@perigee/light-core/receipt';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { ed25519Signer, hashTypedData, secp256k1Signer } from '@perigee/light-core/tx';
import {
  ed25519Address,
  type FeeClaim,
  type InferenceExecution,
  type PaymentOrder,
  PaymentOrderBody,
  toHex,
  utf8,
} from '@perigee/wire';
import { describe, expect, it, onTestFailed } from 'vitest';
import { randomOf } from '../../../../tests/kit/random.ts';
import { CHAIN, exchange } from './honest.ts';

const FILE = new URL('../../../../tests/vectors/inference.json', import.meta.url);
const bytes = (length: number, first: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (first + 3 * i) & 0xff);

const request = {
  version: 1,
  kind: 1,
  modelRoot: bytes(32, 1),
  salt: bytes(32, 2),
  messages: [{ role: 'user', content: 'What is the perigee?' }],
  inputs: [],
  parameters: { maxTokens: 64, temperatureMillionths: 0, topPMillionths: 1_000_000, seed: 7, stop: ['\n'] },
};
const draft = {
  provider: bytes(20, 3),
  modelRoot: request.modelRoot,
  requestHash: requestHashOf(request),
  maxFee: 10n ** 18n,
  nonce: bytes(16, 4),
  expiryHeight: 1_200,
};
const key = bytes(32, 5);
const price = { perRequest: 100n, perPromptToken: 3n, perAnswerToken: 5n };

/** All known answers: another implementation must give the same. */
async function knownAnswers(): Promise<Record<string, string>> {
  const order = await signOrder(draft, CHAIN.genesisHash, ed25519Signer(key));
  const typed = await signTypedOrder(draft, CHAIN, secp256k1Signer(key));
  const execution: InferenceExecution = {
    version: 1,
    orderId: orderIdOf(order.body),
    modelRoot: request.modelRoot,
    evidenceId: bytes(32, 6),
    engine: 'test/1',
    parameters: request.parameters,
    price,
  };
  const usage = { promptTokens: 20, answerTokens: 2 };
  const body = {
    version: 1,
    orderId: orderIdOf(order.body),
    requestHash: order.body.requestHash,
    executionHash: executionHashOf(execution),
    sequence: 1,
    chunks: 2,
    bytes: 12,
    runningHash: bytes(32, 7),
    usage,
    fee: feeOf(price, usage),
    finish: 1,
  };
  const signer = ed25519InferenceSigner(key);
  const checkpoint = await signCheckpoint(body, signer);
  const receipt = { version: 1, order, execution, checkpoint, signer: signer.key };
  const secp = secp256k1InferenceSigner(key);
  return {
    requestHash: toHex(draft.requestHash),
    orderSignBytes: toHex(orderSignBytes(order.body)),
    orderId: toHex(orderIdOf(order.body)),
    orderSignature: toHex(order.auth?.signature ?? new Uint8Array(0)),
    orderTypedDigest: toHex(hashTypedData(orderTypedData(typed.body, CHAIN))),
    orderTypedSignature: toHex(typed.auth?.signature ?? new Uint8Array(0)),
    executionHash: toHex(executionHashOf(execution)),
    checkpointSignBytes: toHex(checkpointSignBytes(body)),
    checkpointSignature: toHex(checkpoint.signature),
    checkpointSignatureSecp256k1: toHex((await signCheckpoint(body, secp)).signature),
    secp256k1Address: toHex(secp.key.key),
    receiptFile: toHex(encodeReceiptFile({ receipt, request, answer: { chunks: [utf8('The '), utf8('nearest.')] } })),
  };
}

/** Set when a format is added: an existing line never changes. */
if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
  writeFileSync(FILE, `${JSON.stringify({ version: 1, ...(await knownAnswers()) }, null, 2)}\n`);
}

it('what is hashed and signed stays as it is stored', async () => {
  expect({ version: 1, ...(await knownAnswers()) }).toEqual(JSON.parse(readFileSync(FILE, 'utf8')));
});

const context = { ...CHAIN, verifyEd25519: nobleEd25519 };
const failed = (promise: Promise<unknown>): Promise<string | undefined> => promise.then(() => 'nothing', failedCheckOf);

describe('an order', () => {
  it('is of its signer, or of the account that a session key names', async () => {
    const signer = ed25519Signer(key);
    const own = await signOrder(draft, CHAIN.genesisHash, signer);
    expect(await verifyOrder(own, context)).toEqual({ payer: ed25519Address(signer.publicKey) });
    const account = bytes(20, 9);
    const session = await signOrder(draft, CHAIN.genesisHash, signer, account);
    expect(await verifyOrder(session, context)).toEqual({ payer: account, sessionKey: signer.publicKey });
    const wallet = secp256k1Signer(key);
    expect(await verifyOrder(await signTypedOrder(draft, CHAIN, wallet), context)).toEqual({ payer: wallet.address });
  });

  it('with any field changed, or of another chain, is refused', async () => {
    const random = randomOf(onTestFailed);
    const orders = [
      await signOrder(draft, CHAIN.genesisHash, ed25519Signer(key)),
      await signTypedOrder(draft, CHAIN, secp256k1Signer(key)),
    ];
    for (const order of orders) {
      const { body } = order;
      for (const name of Object.keys(body) as (keyof PaymentOrderBody)[]) {
        const value = body[name];
        const other =
          value instanceof Uint8Array ? random.bytes(value.length) : typeof value === 'bigint' ? value + 1n : value + 1;
        const bad = { ...order, body: { ...body, [name]: other } };
        const due = name === 'version' ? 'version' : name === 'genesisHash' ? 'chain' : 'payer';
        // another payer of an ed25519 order is one whose session the key might be, but it did not sign for that payer
        expect(await failed(verifyOrder(bad, context))).toBe(due);
      }
      expect(await failed(verifyOrder({ body }, context))).toBe('payer');
      for (const scheme of [0, 3, 9]) {
        const auth = { scheme, publicKey: new Uint8Array(0), signature: new Uint8Array(65) };
        expect(await failed(verifyOrder({ body, auth }, context))).toBe('payer');
      }
    }
  });

  it('for which nobody pays says so, and is no claim', async () => {
    const order = unpaidOrder(draft, CHAIN.genesisHash);
    expect(isUnpaid(order)).toBe(true);
    expect(isUnpaid({ body: { ...order.body, maxFee: 1n } })).toBe(false);
    expect(PaymentOrderBody.decodeCanonical(PaymentOrderBody.encode(order.body))).toEqual(order.body);
    expect(await failed(verifyOrder(order, context))).toBe('payer');
  });
});

describe('a claim', () => {
  it('is settled with noble alone, and refused by name when anything of it is false', async () => {
    const random = randomOf(onTestFailed);
    for (let i = 0; i < 10; i++) {
      const { order, checkpoints, expected } = await exchange(random);
      const [checkpoint] = checkpoints.slice(-1);
      if (checkpoint === undefined || expected.provider === undefined) throw new Error('there is no checkpoint');
      const { signer } = expected.provider;
      const verify = (claim: Partial<FeeClaim>, other = {}): Promise<string | undefined> =>
        failed(verifyClaim({ order, checkpoint, ...claim }, { ...context, signer, price: expected.price, ...other }));
      expect(await verify({})).toBe('nothing');
      const claim = await verifyClaim({ order, checkpoint }, { ...context, signer, price: expected.price });
      expect(claim).toMatchObject({ payer: order.body.payer, fee: checkpoint.body.fee, nonce: order.body.nonce });
      const edited = (body: Partial<typeof checkpoint.body>): Partial<FeeClaim> => ({
        checkpoint: { ...checkpoint, body: { ...checkpoint.body, ...body } },
      });
      expect(await verify(edited({ orderId: random.bytes(32) }))).toBe('order');
      expect(await verify(edited({ requestHash: random.bytes(32) }))).toBe('request');
      expect(await verify(edited({ sequence: 0 }))).toBe('sequence');
      expect(await verify(edited({ fee: 2_000_000n }))).toBe('fee');
      expect(await verify(edited({ fee: checkpoint.body.fee - 1n }))).toBe('fee');
      expect(await verify(edited({ sequence: checkpoint.body.sequence + 1 }))).toBe('signature');
      expect(await verify({}, { price: { ...expected.price, perRequest: 0n } })).toBe('fee');
      expect(await verify({}, { signer: { scheme: 1, key: random.bytes(32) } })).toBe('signature');
      const more: PaymentOrder = { ...order, body: { ...order.body, maxFee: order.body.maxFee + 1n } };
      expect(await verify({ order: more })).toBe('payer');
    }
  });

  it('has a fee of at most 128 bits', () => {
    const most = (1n << 128n) - 1n;
    expect(feeOf({ perRequest: most, perPromptToken: 0n, perAnswerToken: 0n }, { promptTokens: 1, answerTokens: 0 })).toBe(most);
    for (const perToken of [1n, most]) {
      expect(() =>
        feeOf({ perRequest: most, perPromptToken: perToken, perAnswerToken: 0n }, { promptTokens: 1, answerTokens: 0 }),
      ).toThrow(expect.objectContaining({ code: 'RECEIPT', data: { check: 'fee' } }));
    }
  });
});
