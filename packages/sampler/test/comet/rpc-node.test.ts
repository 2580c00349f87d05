import type { Clock } from '@perigee/light-core/roles';
import { MAX_RPC_ANSWER_BYTES } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import {
  bestEd25519,
  createLightClient,
  type LightClientOptions,
  RpcNode,
  systemClock,
  verifiedTx,
} from '../../src/comet/index.ts';
import {
  CHAIN,
  hashOf,
  LAST,
  RECORDED_AT_MS,
  type RecordedRpc,
  recordedResult,
  recordedTx,
  startRecordedRpc,
  TXS,
} from './recorded-rpc.ts';

/** The moment of the recording. */
const clock: Clock = { ...systemClock, now: () => RECORDED_AT_MS };
const { signal } = new AbortController();

let primary: RecordedRpc;
let witness: RecordedRpc;
beforeAll(async () => {
  [primary, witness] = await Promise.all([startRecordedRpc(), startRecordedRpc()]);
});
afterAll(() => Promise.all([primary.close(), witness.close()]));

function follow(options: Partial<LightClientOptions> = {}) {
  primary.asked.length = 0;
  witness.asked.length = 0;
  return createLightClient({
    chainId: CHAIN,
    checkpoints: [{ height: 1, headerHash: hashOf(1) }],
    primary: new RpcNode({ url: primary.url }),
    witnesses: [new RpcNode({ url: witness.url })],
    clock,
    verifyEd25519: bestEd25519(crypto.subtle),
    ...options,
  });
}

describe('a recorded chain of CometBFT 0.38', () => {
  it('is followed to its head, whose set another one has joined, in as few requests as it takes', async () => {
    const client = await follow();
    const head = await client.update();
    expect(head.header.height).toBe(LAST);
    expect(head.headerHash).toEqual(hashOf(LAST));
    expect(head.validators).toHaveLength(4);
    expect(primary.asked).toEqual(['commit 1', 'validators 1', 'commit', `validators ${LAST}`]);
    expect(witness.asked).toEqual(['commit 1', `commit ${LAST}`]);
  });

  it('is followed block by block, and every header is the recorded one', async () => {
    const client = await follow({ mode: 'sequential' });
    for (let height = 2; height <= LAST; height++) {
      expect((await client.verifyToHeight(height)).headerHash).toEqual(hashOf(height));
    }
  });

  it('is followed back from its head by hashes', async () => {
    const client = await follow({ checkpoints: [{ height: LAST, headerHash: hashOf(LAST) }] });
    expect((await client.verifyToHeight(2)).headerHash).toEqual(hashOf(2));
    expect(primary.asked.filter((asked) => asked.startsWith('validators'))).toEqual([`validators ${LAST}`]);
  });

  it('holds transactions with their results', async () => {
    const client = await follow();
    const node = new RpcNode({ url: primary.url });
    for (const { hash, height } of TXS) {
      const found = await verifiedTx(client, node, hash);
      expect(found).toMatchObject({ height, index: 0, result: { code: 0 } });
    }
    expect(new TextDecoder().decode((await verifiedTx(client, node, TXS[0]?.hash ?? new Uint8Array())).tx)).toBe(
      'perigee=apogee',
    );
  });

  it('that is told of with another transaction, result or header is not believed', async () => {
    const hash = TXS[0]?.hash ?? new Uint8Array();
    const code = async (method: string, change: (result: object) => unknown): Promise<string> => {
      const liar = await startRecordedRpc((asked, params) => {
        if (asked !== method) return undefined;
        return { result: change(method === 'tx' ? recordedTx() : recordedResult(method, Number(params.height))) };
      });
      onTestFinished(() => liar.close());
      const client = await follow();
      return codeOfPromise(verifiedTx(client, new RpcNode({ url: liar.url }), hash));
    };
    expect(await code('tx', (tx) => ({ ...tx, tx: Buffer.from('perigee=perihelion').toString('base64') }))).toBe('PROOF');
    expect(await code('tx', (tx) => ({ ...tx, height: '5' }))).toBe('PROOF');
    expect(await code('block_results', (all) => ({ ...all, txs_results: [{ code: 1, data: null }] }))).toBe('PROOF');
    expect(await code('block_results', (all) => ({ ...all, txs_results: null }))).toBe('PROOF');
    expect(await code('tx', () => 7)).toBe('PARSE');
  });
});

describe('a node', () => {
  const startOther = async (other: Parameters<typeof startRecordedRpc>[0]): Promise<RpcNode> => {
    const rpc = await startRecordedRpc(other);
    onTestFinished(() => rpc.close());
    return new RpcNode({ url: rpc.url });
  };

  it('says what it does not have, and why', async () => {
    const node = new RpcNode({ url: primary.url });
    expect(await codeOfPromise(node.signedHeader(LAST + 1, { signal }))).toBe('NOT_FOUND');
    expect(await codeOfPromise(node.validators(LAST + 9, { signal }))).toBe('NOT_FOUND');
    expect(
      await codeOfPromise(
        (await startOther(() => ({ error: { data: 'height 3 is not available, lowest height is 9' } }))).signedHeader(3, {
          signal,
        }),
      ),
    ).toBe('PRUNED');
    expect(await codeOfPromise(node.tx(new Uint8Array(32), { signal }))).toBe('REFUSED');
  });

  it('that has no block yet has no header', async () => {
    const node = await startOther(() => ({ result: { signed_header: { header: null, commit: null }, canonical: false } }));
    expect(await codeOfPromise(node.signedHeader(0, { signal }))).toBe('NOT_FOUND');
  });

  it('gives a set of many pages whole, and no more than it announced', async () => {
    const all = Array.from({ length: 230 }, (_, i) => ({
      ...recordedResult('validators', 1).validators[0],
      voting_power: String(i + 1),
    }));
    const page = (params: Record<string, unknown>, change: object = {}) => {
      const at = (Number(params.page) - 1) * 100;
      return {
        result: {
          block_height: String(params.height),
          validators: all.slice(at, at + 100),
          count: '100',
          total: '230',
          ...change,
        },
      };
    };
    const asked: unknown[] = [];
    const paged = await startOther((_, params) => {
      asked.push(params);
      return page(params);
    });
    const set = (await paged.validators(5, { signal })) as unknown as { validators: { votingPower: bigint }[] };
    expect(set.validators.map(({ votingPower }) => Number(votingPower))).toEqual(all.map((_, i) => i + 1));
    expect(asked).toEqual(['1', '2', '3'].map((number) => ({ height: '5', page: number, per_page: '100' })));
    const wrong = async (change: object): Promise<string> =>
      codeOfPromise((await startOther((_, params) => page(params, change))).validators(5, { signal }));
    expect(await wrong({ block_height: '6' })).toBe('PARSE');
    expect(await wrong({ validators: [] })).toBe('PARSE');
    expect(await wrong({ total: '50' })).toBe('PARSE');
    expect(await wrong({ total: '1000000' })).toBe('VALIDATOR_SET');
  });

  it('that answers nonsense, too much, nothing, or sends elsewhere is no node', async () => {
    const end = (status: number, body: string, headers: Record<string, string> = {}) =>
      startOther((_, __, response) => {
        response.writeHead(status, headers).end(body);
        return null;
      });
    const code = async (node: RpcNode): Promise<string> => codeOfPromise(node.signedHeader(1, { signal }));
    expect(await code(await end(200, 'nonsense'))).toBe('PARSE');
    expect(await code(await end(200, '7'))).toBe('PARSE');
    expect(await code(await end(200, '{}'))).toBe('PARSE');
    expect(await code(await end(200, '{"result":{}}'))).toBe('PARSE');
    expect(await code(await end(502, 'bad gateway'))).toBe('UNREACHABLE');
    expect(await code(await end(200, ' '.repeat(MAX_RPC_ANSWER_BYTES + 1)))).toBe('FRAME_TOO_LARGE');
    expect(await code(await end(302, '', { location: primary.url }))).toBe('UNREACHABLE');
    const cut = await startOther((_, __, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('{');
      setTimeout(() => response.destroy(), 20);
      return null;
    });
    expect(await code(cut)).toBe('UNREACHABLE');
    expect(await code(new RpcNode({ url: 'http://127.0.0.1:1' }))).toBe('UNREACHABLE');
    const stop = new AbortController();
    const silent = await startOther(() => {
      stop.abort();
      return null;
    });
    expect(await codeOfPromise(silent.signedHeader(1, { signal: stop.signal }))).toBe('ABORTED');
  });

  it('whose header is of another chain, or that is behind, is told apart', async () => {
    const [other, alike] = await Promise.all(
      ['other', 'alike'].map(() =>
        startOther((method, params) => {
          if (method !== 'commit') return undefined;
          const { signed_header: signed, ...rest } = recordedResult('commit', Number(params.height ?? LAST));
          return { result: { ...rest, signed_header: { ...signed, header: { ...signed.header, chain_id: 'another' } } } };
        }),
      ),
    );
    expect(await codeOfPromise(follow({ primary: other as RpcNode, witnesses: [alike as RpcNode] }))).toBe('WRONG_CHAIN');
    const client = await follow();
    expect(await codeOfPromise(client.verifyToHeight(LAST + 1))).toBe('NOT_FOUND');
  });
});
