import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { toHex } from '@perigee/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { startProcess, temporaryFolder } from '../../../../tests/kit/index.ts';
import { CHAIN, hashOf, LAST, RECORDED_AT_MS, startRecordedRpc, TXS } from './recorded-rpc.ts';

const at = (path: string) => fileURLToPath(new URL(`../../../../${path}`, import.meta.url));
const read = (path: string) => readFileSync(at(path), 'utf8');

describe('the example of docs/light-client.md', () => {
  it('is the code that is run here', () => {
    const blocks = [...read('docs/light-client.md').matchAll(/```ts\n(.*?)```/gs)].map(([, code]) => code);
    expect(blocks).toContain(read('packages/sampler/test/jobs/follow-chain.job.ts'));
  });

  it('follows a chain from a checkpoint, proves a transaction, and goes on from there', async () => {
    const [primary, witness] = await Promise.all([startRecordedRpc(), startRecordedRpc()]);
    onTestFinished(async () => {
      await Promise.all([primary.close(), witness.close()]);
    });
    const [{ hash, height } = { hash: new Uint8Array(), height: 0 }] = TXS;
    const follow = async (tx: readonly string[]) => {
      const args = [primary.url, witness.url, `${CHAIN}:1:${toHex(hashOf(1))}`, directory, ...tx];
      const env = {
        NODE_OPTIONS: `--import=${new URL('../../../../tests/kit/clock-hook.mjs', import.meta.url).href}`,
        PERIGEE_CLOCK_OFFSET_MS: String(RECORDED_AT_MS - Date.now()),
      };
      const child = startProcess(at('dist/test/jobs/follow-chain.job.js'), args, { env });
      expect(await child.exit, child.output()).toMatchObject({ code: 0 });
      return child.stdout();
    };
    const directory = temporaryFolder('example');
    const head = `header ${LAST} ${toHex(hashOf(LAST))}`;
    const said = await follow([toHex(hash)]);
    expect(said).toContain(head);
    expect(said).toContain('4 validators');
    expect(said).toContain(`transaction 0 of block ${height}, code 0`);
    primary.asked.length = 0;
    expect(await follow([])).toContain(head);
    expect(primary.asked).toEqual(['commit']);
  });
});
