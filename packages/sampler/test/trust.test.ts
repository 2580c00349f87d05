import { parseTrustRoot } from '@perigee/light-core/comet';
import { systemClock } from '@perigee/net';
import { TRUSTING_PERIOD_MS, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { eachAnswer, startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { createLightNode } from '../src/index.ts';
import { networkOfFile, testLight, until, withLiar } from './light.ts';

const file = networkOfFile({ members: 1 });

/** The network's trust root with some fields changed. */
function changedRoot(change: Readonly<Record<string, unknown>>): { readonly trustRoot: string } {
  return { trustRoot: JSON.stringify({ ...JSON.parse(file.network.trustRoot()), ...change }) };
}

describe('a trust root is refused at the start', () => {
  it.each([
    ['that is no JSON', () => 'no root', 'TRUST_ROOT'],
    ['that contradicts itself', () => changedRoot({ chainId: 'local-00000000' }).trustRoot, 'TRUST_ROOT'],
    ['of a newer version', () => changedRoot({ version: 2 }).trustRoot, 'UNKNOWN_VERSION'],
  ])('%s', async (_what, trustRoot, code) => {
    const node = createLightNode({ trustRoot: trustRoot() });
    expect(await codeOfPromise(node.start())).toBe(code);
    expect(node.state).toMatchObject({ phase: 'failed', error: { code }, peers: [] });
  });

  it('that is older than the trusting period, whoever could vouch for it', async () => {
    const trustRoot = file.network.trustRoot();
    const late = { ...systemClock, now: () => Date.now() + TRUSTING_PERIOD_MS };
    const node = createLightNode({ trustRoot, clock: late });
    expect(await codeOfPromise(node.start())).toBe('TRUST_EXPIRED');
    expect(node.state).toMatchObject({ phase: 'failed', error: { code: 'TRUST_EXPIRED' }, peers: [] });
    const inTime = createLightNode({ trustRoot, clock: { ...systemClock, now: () => Date.now() + TRUSTING_PERIOD_MS - 60_000 } });
    await inTime.start();
    await inTime.stop();
  });
});

describe('a trust root that no peer confirms', () => {
  it('of another header: nothing is shown', async () => {
    const node = await testLight(file.network, [], changedRoot({ headerHash: '11'.repeat(32) }));
    const { head } = await until(node, ({ error }) => error?.code === 'TRUST_ROOT');
    expect(head).toBeUndefined();
    expect(node.state.phase).toBe('failed');
  });

  it('of another genesis: the chain is not this one', async () => {
    const { genesisHash } = parseTrustRoot(file.network.trustRoot());
    genesisHash[31] = (genesisHash[31] ?? 0) ^ 1;
    const node = await testLight(file.network, [], changedRoot({ genesisHash: toHex(genesisHash) }));
    await until(node, ({ error }) => error?.code === 'WRONG_CHAIN');
    expect(node.state).toMatchObject({ phase: 'failed', head: undefined });
  });

  it('of another genesis, and a peer that plays along: the state of the chain proves it', async () => {
    const { network } = file;
    const { genesisHash } = parseTrustRoot(network.trustRoot());
    genesisHash[31] = (genesisHash[31] ?? 0) ^ 1;
    const liar = await withLiar(
      startChainLiar(network, { status: eachAnswer((answer) => ({ ...answer, genesisHash, peers: [] })) }),
    );
    const root = JSON.parse(network.trustRoot([liar.host]));
    const node = await testLight(network, [], { trustRoot: JSON.stringify({ ...root, genesisHash: toHex(genesisHash) }) });
    const { chain } = await until(node, ({ error }) => error?.code === 'WRONG_CHAIN');
    expect(chain?.development).toBeUndefined();
    expect(node.state.phase).toBe('failed');
  });
});
