import { accountKey, verifyStateProof } from '@perigee/light-core/state';
import { headersProtocol, stateProtocol, txProtocol } from '@perigee/net';
import { MAX_HEADERS_PER_REQUEST, MAX_STATE_ANSWER_BYTES, txIdOf, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { type ChainNode, RESULT_CODE } from '../../src/index.ts';
import { serveHeaders, serveState, serveTx } from '../../src/serve/index.ts';
import { addressOf, openChain, transferTx } from '../devnet.ts';
import { growTo, headerOf } from '../follow.ts';

const context = { signal: new AbortController().signal };
let chain: ChainNode;

beforeAll(async () => {
  chain = await openChain(temporaryFolder('serve'));
  await growTo(chain, 30);
});
afterAll(() => chain.close());

async function all<T>(answers: AsyncIterable<T>): Promise<T[]> {
  const list: T[] = [];
  for await (const answer of answers) list.push(answer);
  return list;
}

describe('headers', () => {
  const ask = (height: number, count: number, signal = context.signal) => all(serveHeaders(chain)({ height, count }, { signal }));
  const heights = (answers: Awaited<ReturnType<typeof ask>>) => answers.map(({ block }) => block.signedHeader?.header?.height);

  it('rise from the height asked for, as many as asked for', async () => {
    expect(heights(await ask(5, 3))).toEqual([5, 6, 7]);
    expect(heights(await ask(5, 0))).toEqual([5]);
    expect(headersProtocol.answer.decode(headersProtocol.answer.encode((await ask(5, 1))[0] ?? { block: {} }))).toEqual(
      (await ask(5, 1))[0],
    );
  });

  it('are at most twenty, and end where the chain ends', async () => {
    expect((await ask(1, MAX_HEADERS_PER_REQUEST + 5)).length).toBe(MAX_HEADERS_PER_REQUEST);
    const before = chain.latest().height;
    expect(heights(await ask(before, 1))).toEqual([before]);
    const [last] = heights(await ask(0, 1));
    expect(last).toBeGreaterThanOrEqual(before);
  });

  it('that do not exist are NOT_FOUND', async () => {
    await expect(ask(1_000_000, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('are no longer given once the peer has gone', async () => {
    const gone = new AbortController();
    gone.abort();
    expect((await ask(1, 20, gone.signal)).length).toBe(1);
  });
});

describe('state', () => {
  const ask = (store: string, keys: readonly Uint8Array[], height = 0) => all(serveState(chain)({ store, keys, height }));

  it('is proved key by key, of one height that has a header after it', async () => {
    const keys = ['alice', 'nobody'].map((name) => accountKey(addressOf(name)));
    const [answer] = await ask('account', keys);
    const proofs = answer?.proofs ?? [];
    const [height] = new Set(proofs.map((proof) => proof.height));
    expect(new Set(proofs.map((proof) => proof.height)).size).toBe(1);
    const { appHash } = headerOf(chain, (height ?? 0) + 1);
    const values = proofs.map((proof, i) => verifyStateProof(proof, { appHash, store: 'account', key: keys[i] ?? utf8('') }));
    expect(values.map((value) => value === undefined)).toEqual([false, true]);
    expect(stateProtocol.answer.decode(stateProtocol.answer.encode({ proofs }))).toEqual({ proofs });
  });

  it('is refused for another store, and for heights that cannot be proved', async () => {
    await expect(ask('other', [utf8('a')])).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(ask('account', [utf8('a')], 1_000_000)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  it('in answers that would not fit a frame is FRAME_TOO_LARGE', async () => {
    const proof = chain.prove('account', utf8('a'));
    const long = { ...proof, inner: { exist: { key: utf8('a'), value: new Uint8Array(MAX_STATE_ANSWER_BYTES / 6), path: [] } } };
    const serving = serveState({ prove: () => long });
    const keys = Array.from({ length: 6 }, () => utf8('a'));
    await expect(all(serving({ store: 'account', keys, height: 0 }))).rejects.toMatchObject({ code: 'FRAME_TOO_LARGE' });
    expect((await all(serving({ store: 'account', keys: keys.slice(1), height: 0 })))[0]?.proofs.length).toBe(5);
  });
});

describe('transactions', () => {
  const ask = async (request: Partial<Parameters<ReturnType<typeof serveTx>>[0]>, signal = context.signal) => {
    const [answer] = await all(serveTx(chain)({ wait: false, ...request }, { signal }));
    return answer;
  };

  it('are taken in, and answered for when a block holds them', async () => {
    const raw = await transferTx(chain.genesis);
    const answer = await ask({ submit: raw, wait: true });
    expect(answer).toMatchObject({ txId: txIdOf(raw), code: 0, log: '' });
    expect(answer?.height).toBeGreaterThan(0);
    expect(await ask({ result: txIdOf(raw) })).toEqual(answer);
    expect(await ask({ result: txIdOf(raw), wait: true })).toEqual(answer);
    expect(await ask({ submit: raw })).toEqual(answer);
    const next = await transferTx(chain.genesis, { nonce: 1 });
    expect(await ask({ submit: next })).toMatchObject({ code: 0, height: 0 });
    expect((await ask({ result: txIdOf(next), wait: true }))?.height).toBeGreaterThan(0);
    expect(txProtocol.answer.decode(txProtocol.answer.encode(answer ?? { txId: utf8(''), height: 0, code: 0, log: '' }))).toEqual(
      answer,
    );
  });

  it('that the state machine refuses are answered with its code and height 0', async () => {
    const answer = await ask({ submit: await transferTx(chain.genesis, { nonce: 99 }), wait: true });
    expect(answer).toMatchObject({ code: RESULT_CODE.TX_NONCE, height: 0 });
    expect(answer?.log).toContain('is due');
    const garbage = await ask({ submit: utf8('garbage'), wait: true });
    expect(garbage).toMatchObject({ code: RESULT_CODE.PARSE, height: 0 });
  });

  it('that are not known are NOT_FOUND; a request for both or neither is INVALID_ARGUMENT', async () => {
    await expect(ask({ result: new Uint8Array(32) })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(ask({ result: new Uint8Array(32), wait: true })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(ask({})).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
    await expect(ask({ submit: utf8('a'), result: new Uint8Array(32) })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  });

  it('are no longer waited for once the peer has gone', async () => {
    const quiet = await openChain(temporaryFolder('quiet'));
    const raw = await transferTx(quiet.genesis);
    const gone = new AbortController();
    const waiting = all(serveTx(quiet)({ submit: raw, wait: true }, { signal: gone.signal }));
    setImmediate(() => gone.abort());
    await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
    await quiet.close();
  });
});
