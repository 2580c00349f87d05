/** 0G's own client of streams, unmodified, against one of our nodes. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { text } from 'node:stream/consumers';
import { fileURLToPath } from 'node:url';
import { ChainNode, localReads, localState } from '@perigee/chain';
import { serveKv } from '@perigee/chain/serve';
import { verifyKvValue } from '@perigee/light-core/kv';
import { FLOW_ADDRESS } from '@perigee/light-core/state';
import { systemClock } from '@perigee/net';
import { createEvmHandler } from '@perigee/storage/evm';
import { fromHex, type KvRequest, type StateProof, toHex, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/folder.ts';
import { addressOf, BALANCE, signerOf, VALIDATORS } from '../../../chain/test/devnet.ts';
import { streamingGenesis } from '../../../chain/test/machine/kv/streams.ts';
import { bringStreamData } from '../../src/node/index.ts';
import { createKvHandler, type RpcMethods } from '../../src/zerog/index.ts';
import { ETHEREUM_CHAIN_ID, type StoringNode, startStoringNode } from './storing-node.ts';

const peer = fileURLToPath(new URL('../../../../tests/peers/zerog/', import.meta.url));
const installed = existsSync(`${peer}node_modules/@0gfoundation/0g-ts-sdk`);
const name = `0G’s client of streams${installed ? '' : ' (skipped: not installed, npm ci in tests/peers/zerog)'}`;

const OWNER = { key: `0x${'46'.repeat(32)}`, account: '0x9d8a62f656a8d1615c1294fd71e9cfb3e4855a4f' };
/** The key of all ones. */
const STRANGER = { key: `0x${'01'.repeat(32)}`, account: '0x1a642f0e3c3af545e7acbd38b07251b3990914f1' };
const STREAM = `0x${'f2'.repeat(32)}`;
const OTHER = `0x${'f3'.repeat(32)}`;

type Step =
  | {
      readonly write: {
        readonly version: number;
        readonly values: readonly (readonly [stream: string, key: string, value: string])[];
      };
    }
  | { readonly call: readonly unknown[] }
  | { readonly walk: { readonly stream: string; readonly reverse: boolean } };

let chain: ChainNode;
let node: StoringNode;

async function run(key: string, ...steps: readonly Step[]): Promise<unknown[]> {
  const child = spawn(process.execPath, ['kv.mjs'], { cwd: peer, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stdin.end(JSON.stringify({ rpc: node.url, flow: `0x${toHex(FLOW_ADDRESS)}`, key, steps }));
  const [out, err] = await Promise.all([text(child.stdout), text(child.stderr)]);
  if (out === '') throw new Error(`the client said nothing: ${err}`);
  return JSON.parse(out);
}

/** Written and decided. */
async function written(key: string, values: readonly (readonly [string, string, string])[], version = 1e6): Promise<string> {
  const [result] = (await run(key, { write: { version, values } })) as [{ txSeq: number; error?: string }];
  expect(result.error).toBeUndefined();
  const handler = createKvHandler({ state: localReads(chain) });
  let decided: unknown = null;
  await expect.poll(async () => (decided = await handler.call('kv_getTransactionResult', [result.txSeq]))).not.toBeNull();
  return decided as string;
}

describe.skipIf(!installed)(name, () => {
  beforeAll(async () => {
    const rich = [addressOf('node'), fromHex(OWNER.account), fromHex(STRANGER.account)];
    const genesis = streamingGenesis({
      gasPrice: 1n,
      ethereumChainId: ETHEREUM_CHAIN_ID,
      accounts: rich.map((address) => ({ address, balance: 1_000n * BALANCE })),
    });
    chain = await ChainNode.open({
      dir: temporaryFolder('streams'),
      genesis,
      signers: VALIDATORS.map(signerOf),
      clock: systemClock,
      blockIntervalMs: 100,
    });
    void chain.run();
    const evm = createEvmHandler({
      chain,
      params: { ethereumChainId: ETHEREUM_CHAIN_ID, gasPrice: 1n, pricePerSector: 24n, maxGas: -1n },
      clientVersion: 'test',
    });
    const methods = (handler: Pick<typeof evm, 'handles' | 'call'>): RpcMethods => ({
      handles: (method) => handler.handles(method),
      call: (method, params, { signal }) => handler.call(method, params, signal),
    });
    const state = localState(chain);
    node = await startStoringNode({
      chain,
      genesisHash: genesis.genesisHash,
      bring: bringStreamData({ state, submit: chain, genesisHash: genesis.genesisHash, signer: signerOf('node') }),
      others: [methods(evm), methods(createKvHandler({ state: localReads(chain) }))],
    });
  });
  afterAll(async () => {
    await node?.stop();
    await chain?.close();
  });

  it('writes by its Batcher, and reads the same values by its KvClient and its iterator', async () => {
    const long = 'x'.repeat(60_000);
    const values = [
      [STREAM, 'a', 'one'],
      [STREAM, 'b', 'two'],
      [STREAM, 'ключ', long],
      [OTHER, 'a', 'of another stream'],
    ] as const;
    expect(await written(OWNER.key, values)).toBe('Commit');
    expect(await written(OWNER.key, [[STREAM, 'b', 'two again']])).toBe('Commit');
    const [a, b, key, missing, walked, back, admin, stranger, streams, result] = await run(
      OWNER.key,
      { call: ['getValue', STREAM, { bytes: 'a' }] },
      { call: ['getValue', STREAM, { bytes: 'b' }] },
      { call: ['get', STREAM, { bytes: 'ключ' }, 10, 5] },
      { call: ['getValue', STREAM, { bytes: 'never' }] },
      { walk: { stream: STREAM, reverse: false } },
      { walk: { stream: STREAM, reverse: true } },
      { call: ['isAdmin', OWNER.account, STREAM] },
      { call: ['hasWritePermission', STRANGER.account, STREAM, { bytes: 'a' }] },
      { call: ['getHoldingStreamIds'] },
      { call: ['getTransactionResult', 0] },
    );
    const data = (value: string) => ({ data: Buffer.from(value).toString('base64'), size: value.length });
    expect(a).toEqual({ ...data('one'), version: 0 });
    expect(b).toEqual({ ...data('two again'), version: 1 });
    expect(key).toEqual({ ...data('xxxxx'), size: long.length, version: 0 });
    expect(missing).toMatchObject({ data: '', size: 0 });
    const pairs = [
      ['a', 'one', 0],
      ['b', 'two again', 1],
      ['ключ', long, 0],
    ];
    expect(walked).toEqual(pairs);
    expect(back).toEqual(pairs.toReversed());
    expect([admin, stranger, streams, result]).toEqual([true, false, [STREAM, OTHER], 'Commit']);
    // and the same values with their proofs
    const request: KvRequest = { stream: fromHex(STREAM), height: 0, keys: [utf8('b')] };
    for await (const { proofs } of serveKv(chain)(request, { peerId: 'light', signal: new AbortController().signal })) {
      const proof = proofs[0] as StateProof;
      const header = chain.lightBlock(proof.height + 1).block.signedHeader?.header;
      const entry = verifyKvValue(proof, {
        appHash: header?.appHash ?? new Uint8Array(0),
        stream: fromHex(STREAM),
        key: utf8('b'),
      });
      expect(Buffer.from(entry?.value ?? []).toString()).toBe('two again');
    }
  });

  it('is refused what it has no right to, and what is too old, in the words that it knows', async () => {
    expect(await written(STRANGER.key, [[STREAM, 'a', 'not hers']])).toBe('SenderNoWritePermission');
    expect(await written(OWNER.key, [[STREAM, 'b', 'too old']], 0)).toBe('VersionConfliction');
    const [a, b] = await run(
      OWNER.key,
      { call: ['getValue', STREAM, { bytes: 'a' }] },
      { call: ['getValue', STREAM, { bytes: 'b' }] },
    );
    expect([a, b]).toMatchObject([{ version: 0 }, { version: 1 }]);
  });
});
