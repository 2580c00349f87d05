/** PERIGEE_WRITE_FIXTURES=1 asks a chain of CometBFT again what `tests/vectors/cometbft-rpc.json` holds: what other tests replay. */
import { writeFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import recording from '../../../../tests/vectors/cometbft-rpc.json' with { type: 'json' };
import { testValidators } from '../../../light-core/test/comet/chain.ts';
import { cometbft, startCometChain } from './cometbft.ts';

const HEIGHTS = 14;
/** Comes in, so that the set changes; with little power, since it does not run. */
const [newcomer] = testValidators('cometbft, newcomer', [4]);

it('holds heights in a row, and what proves two transactions', () => {
  const { heights, txs } = recording;
  const asked = recording.answers.map(({ method, params }) => `${method} ${JSON.stringify(params)}`);
  for (let height = 1; height <= heights; height++) expect(asked).toContain(`commit {"height":"${height}"}`);
  expect(txs).toHaveLength(2);
});

if (process.env.PERIGEE_WRITE_FIXTURES === '1' && cometbft !== undefined) it('is written', write);

async function write(): Promise<void> {
  const chain = await startCometChain('recorded-chain');
  await chain.untilHeight(2);
  const txs = [
    await chain.broadcast('perigee=apogee'),
    await chain.broadcast(`val=ed25519!${Buffer.from(newcomer?.publicKey ?? []).toString('base64')}!4`),
  ];
  await chain.untilHeight(HEIGHTS + 1);
  const answers: { method: string; params: Record<string, unknown>; result: unknown }[] = [];
  const ask = async (method: string, params: Record<string, unknown>): Promise<void> => {
    answers.push({ method, params, result: await chain.call(method, params) });
  };
  for (let height = 1; height <= HEIGHTS; height++) {
    const at = { height: String(height) };
    await ask('commit', at);
    await ask('validators', { ...at, page: '1', per_page: '100' });
  }
  for (const { hash, height } of txs) {
    await ask('tx', { hash: Buffer.from(hash, 'hex').toString('base64'), prove: true });
    await ask('block_results', { height: String(height) });
  }
  await chain.stop();
  const made = {
    source: `CometBFT 0.38.25 with its kvstore, asked by this file`,
    chainId: chain.chainId,
    heights: HEIGHTS,
    txs,
    answers,
  };
  writeFileSync(new URL('../../../../tests/vectors/cometbft-rpc.json', import.meta.url), `${JSON.stringify(made, null, 2)}\n`);
}
