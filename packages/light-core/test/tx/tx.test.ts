import { readFileSync } from 'node:fs';
import { ed25519 } from '@noble/curves/ed25519.js';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { decodeTx, ed25519Signer, signTx, txSignBytes, verifyTxAuth } from '@perigee/light-core/tx';
import { concat, fromHex, PerigeeError, Tx, TxBody, toHex, txIdOf, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';

const genesisHash = new Uint8Array(32).fill(7);
const signer = ed25519Signer(new Uint8Array(32).fill(1));
const draft = {
  lane: 3,
  nonce: 5,
  expiryHeight: 100,
  gasLimit: 10_000,
  maxFee: 123_456_789n,
  tip: 7n,
  messages: [{ transfer: { to: new Uint8Array(20).fill(9), amount: 1_000n } }],
};
/** A certificate in form only. */
const certify = {
  certificate: {
    blobId: new Uint8Array(33),
    k: 64,
    n: 192,
    rowSize: 64,
    length: 1,
    namespace: utf8('n'),
    quorum: 0,
    persist: false,
    expiryHeight: 9,
    rowRoot: new Uint8Array(32),
    publisher: new Uint8Array(20),
    promiseId: new Uint8Array(32),
    epoch: 0,
    committeeHash: new Uint8Array(32),
    signers: new Uint8Array(0),
    signatures: [],
  },
};
const raw = await signTx(draft, genesisHash, signer);
const context = { genesisHash, chainId: 'test-07070707', ethereumChainId: 0, verifyEd25519: nobleEd25519 };

async function codeOf(bytes: Uint8Array, chain: Uint8Array = genesisHash): Promise<string> {
  try {
    await verifyTxAuth(decodeTx(bytes), { ...context, genesisHash: chain });
    return 'accepted';
  } catch (error) {
    return error instanceof PerigeeError ? error.code : String(error);
  }
}

function changed(change: Partial<Tx>): Uint8Array {
  return Tx.encode({ ...Tx.decode(raw), ...change });
}

/** Signed by the right key over the changed body. */
function resigned(change: Partial<TxBody>): Uint8Array {
  const { auth, ...body } = { ...Tx.decode(raw), ...change };
  return Tx.encode({
    ...body,
    auth: { ...auth, signature: ed25519.sign(txSignBytes(TxBody.encode(body), genesisHash), new Uint8Array(32).fill(1)) },
  });
}

describe('a transaction', () => {
  it('has the bytes that it had when the format was fixed', () => {
    const vector: { raw: string; id: string } = JSON.parse(
      readFileSync(new URL('../../../../tests/vectors/tx.json', import.meta.url), 'utf8'),
    ).transfer;
    expect(toHex(raw)).toBe(vector.raw);
    expect(toHex(txIdOf(raw))).toBe(vector.id);
    expect(decodeTx(fromHex(vector.raw)).tx?.maxFee).toBe(123_456_789n);
  });

  it('is accepted when its sender signed it for this chain', async () => {
    expect(await codeOf(raw)).toBe('accepted');
  });

  it('is refused on another chain, whether or not its prefix was changed', async () => {
    const other = new Uint8Array(32).fill(8);
    expect(await codeOf(raw, other)).toBe('TX_CHAIN');
    expect(await codeOf(changed({ chain: other.slice(0, 8) }), other)).toBe('TX_AUTH');
    // same prefix, other genesis: the signature covers all of it
    expect(await codeOf(raw, concat(genesisHash.slice(0, 8), other.slice(8)))).toBe('TX_AUTH');
  });

  it('is refused when any signed field was changed', async () => {
    const changes: Partial<Tx>[] = [
      { lane: 4 },
      { nonce: 6 },
      { expiryHeight: 101 },
      { gasLimit: 10_001 },
      { maxFee: 0n },
      { tip: 8n },
      { messages: [...draft.messages, ...draft.messages] },
      { messages: [{ transfer: { to: new Uint8Array(20), amount: 1_000n } }] },
    ];
    for (const change of changes) expect(await codeOf(changed(change))).toBe('TX_AUTH');
    expect(await codeOf(changed({ sender: new Uint8Array(20) }))).toBe('TX_AUTH');
  });

  it('is refused when any bit of it was changed', async () => {
    for (let bit = 0; bit < 8 * raw.length; bit++) {
      const bytes = Uint8Array.from(raw);
      bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
      expect(await codeOf(bytes), `bit ${bit}`).not.toBe('accepted');
    }
  });

  it('is refused with another key, or a key and signature of another length', async () => {
    const { auth } = Tx.decode(raw);
    const other = ed25519Signer(new Uint8Array(32).fill(2));
    expect(await codeOf(changed({ auth: { ...auth, publicKey: other.publicKey } }))).toBe('TX_AUTH');
    expect(await codeOf(changed({ auth: { ...auth, publicKey: auth.publicKey.slice(1) } }))).toBe('TX_AUTH');
    expect(await codeOf(changed({ auth: { ...auth, signature: auth.signature.slice(1) } }))).toBe('TX_AUTH');
  });

  it('is refused with a scheme that this version does not know', async () => {
    const { auth } = Tx.decode(raw);
    for (const scheme of [0, 2, 3, 4]) expect(await codeOf(changed({ auth: { ...auth, scheme } }))).toBe('TX_AUTH');
  });

  it('is refused in another version, without messages, or with a message of no or two kinds', async () => {
    const [first] = draft.messages;
    expect(await codeOf(resigned({ version: 1 }))).toBe('TX_VERSION');
    expect(await codeOf(resigned({ messages: [] }))).toBe('TX_MESSAGE');
    expect(await codeOf(resigned({ messages: [{}] }))).toBe('TX_MESSAGE');
    expect(await codeOf(resigned({ messages: [{ certify }] }))).toBe('accepted');
    expect(await codeOf(resigned({ messages: [{ ...first, certify }] }))).toBe('TX_MESSAGE');
    expect(await codeOf(resigned({ messages: [first ?? {}, { ...first, certify }] }))).toBe('TX_MESSAGE');
    expect(await codeOf(resigned({ messages: Array.from({ length: 16 }, () => first ?? {}) }))).toBe('accepted');
  });

  it('is refused when it is empty, too long, cut off, or not canonical', async () => {
    expect(await codeOf(new Uint8Array(0))).toBe('TX_SIZE');
    expect(await codeOf(new Uint8Array(384 * 1024 + 1))).toBe('TX_SIZE');
    expect(await codeOf(new Uint8Array(384 * 1024))).toBe('PARSE');
    for (let length = 1; length < raw.length; length++) {
      expect(await codeOf(raw.slice(0, length))).toMatch(/^(PARSE|NOT_CANONICAL)$/);
    }
    // an unknown field, a default that is written, a field out of order, a field twice
    expect(await codeOf(concat(raw, fromHex('a00601')))).toBe('NOT_CANONICAL');
    expect(await codeOf(concat(fromHex('0800'), raw))).toBe('NOT_CANONICAL');
    expect(await codeOf(concat(raw.slice(10), raw.slice(0, 10)))).toBe('NOT_CANONICAL');
    expect(await codeOf(concat(raw, fromHex('2003')))).toBe('PARSE');
    expect(await codeOf(utf8('GET / HTTP/1.1'))).toMatch(/^(PARSE|NOT_CANONICAL)$/);
  });
});
