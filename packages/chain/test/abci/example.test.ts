import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { startProcess, temporaryFolder } from '../../../../tests/kit/index.ts';
import { AbciClient } from './client.ts';
import { requests } from './samples.ts';
import { info } from './serve.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(at(path), 'utf8');
const block = requests.finalizeBlock?.finalizeBlock ?? expect.unreachable();

describe('the example of docs/abci.md', () => {
  it('is the code that is run here', () => {
    const blocks = [...read('docs/abci.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
    const server = read('packages/chain/test/jobs/key-value.job.ts').replace('../abci/key-value.ts', './key-value.ts');
    expect(blocks).toEqual([read('packages/chain/test/abci/key-value.ts'), server]);
  });

  it('keeps what transactions say, over a socket, and ends when it is told to', async () => {
    const address = `unix://${join(temporaryFolder('example'), 'app.sock')}`;
    const child = startProcess(at('dist/test/jobs/key-value.job.js'), [address]);
    await child.line(/^serves (.*)$/);
    const [consensus, other] = [await AbciClient.connect(address), await AbciClient.connect(address)];
    expect(await other.call(info)).toMatchObject({ info: { lastBlockHeight: 0 } });
    expect(await consensus.call(requests.initChain ?? {})).toMatchObject({ initChain: { validators: [] } });
    const txs = [Buffer.from('color=blue'), Buffer.from('nonsense')];
    for (const [i, tx] of txs.entries()) {
      expect(await other.call({ checkTx: { tx, type: 'new' } })).toMatchObject({ checkTx: { code: i } });
    }
    const { finalizeBlock } = await consensus.call({ finalizeBlock: { ...block, txs, misbehavior: [], height: 1 } });
    expect(finalizeBlock?.txResults.map(({ code }) => code)).toEqual([0, 1]);
    const query = { query: { data: Buffer.from('color'), path: '', height: 0, prove: false } };
    // a block is not there before it is committed
    expect((await other.call(query)).query?.value).toHaveLength(0);
    await consensus.call({ commit: {} });
    expect(Buffer.from((await other.call(query)).query?.value ?? []).toString()).toBe('blue');
    const after = await other.call(info);
    expect(after.info?.lastBlockHeight).toBe(1);
    expect(toHex(after.info?.lastBlockAppHash ?? new Uint8Array(0))).toBe(toHex(finalizeBlock?.appHash ?? new Uint8Array(0)));
    expect(await child.stop()).toEqual({ code: 0, signal: null });
    await consensus.closed;
    await other.closed;
  });
});
