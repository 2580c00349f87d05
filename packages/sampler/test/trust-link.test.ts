import { formatTrustLink, parseTrustRoot } from '@perigee/light-core/comet';
import { systemClock } from '@perigee/net';
import { fromHex, TRUSTING_PERIOD_MS, toHex } from '@perigee/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eachAnswer, startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { type LocalNetwork, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import { createLightNode, type LightNode, type LightNodeOptions } from '../src/index.ts';
import { networkOfFile, ready, testLight, until, withLiar } from './light.ts';

const file = networkOfFile({ members: 2 });

function linkOf(network: LocalNetwork): string {
  return formatTrustLink(parseTrustRoot(network.trustRoot()));
}

function peersOf(network: LocalNetwork): readonly string[] {
  return JSON.parse(network.trustRoot()).peers;
}

/** A light node that believes a link, and ends with the test. */
async function linked(trustLink: string, peers: readonly string[], options: Partial<LightNodeOptions> = {}): Promise<LightNode> {
  const node = createLightNode({ trustLink, peers, allowPrivate: true, follow: false, workers: 1, ...options });
  onTestFinished(() => node.stop());
  await node.start();
  return node;
}

describe('a trust link', () => {
  it('is believed as a trust root is; the genesis hash is proved by the state, and its store is that of the chain', async () => {
    const { network, key } = file;
    const directory = temporaryFolder('link');
    const node = await ready(await linked(`#trust=${linkOf(network)}`, peersOf(network), { store: { directory } }), 2);
    const { chain } = await until(node, (state) => state.chain !== undefined);
    expect(chain).toMatchObject({ chainId: network.chain.chainId, genesisHash: toHex(network.genesisHash), development: true });
    expect((await node.sample(key)).outcome).toBe('available');
    await until(node, ({ storage }) => (storage?.usedBytes ?? 0) > 8_000);
    await node.stop();
    const again = await testLight(network, [], { store: { directory } });
    await until(again, ({ blobs }) => blobs.some(({ blobId, earlier }) => blobId === key && earlier));
  });

  it('with another header hash is not believed, whoever answers', async () => {
    const { network } = file;
    const { chainId, height } = parseTrustRoot(network.trustRoot());
    const node = await linked(`${chainId}:${height}:${'11'.repeat(32)}`, peersOf(network));
    const { head } = await until(node, ({ error }) => error?.code === 'TRUST_ROOT');
    expect(head).toBeUndefined();
  });

  it('of a header past the trusting period is refused', async () => {
    const { network } = file;
    const clock = { ...systemClock, now: () => Date.now() + TRUSTING_PERIOD_MS };
    const node = await linked(linkOf(network), peersOf(network), { clock });
    const { head } = await until(node, ({ error }) => error?.code === 'TRUST_EXPIRED');
    expect(head).toBeUndefined();
  });

  it('with other genesis digits in its chain id finds no peer of such a chain', async () => {
    const { network } = file;
    const { height, headerHash } = parseTrustRoot(network.trustRoot());
    const node = await linked(`local-00000000:${height}:${toHex(headerHash)}`, peersOf(network));
    await until(node, ({ error }) => error?.code === 'WRONG_CHAIN');
    expect(node.state).toMatchObject({ phase: 'failed', head: undefined, chain: undefined });
  });
});

it('nothing is believed without a root or a link, and not both', async () => {
  const { network } = file;
  expect(await codeOfPromise(createLightNode({ peers: peersOf(network) }).start())).toBe('TRUST_EXPIRED');
  const both = { trustRoot: network.trustRoot(), trustLink: linkOf(network) };
  expect(await codeOfPromise(createLightNode(both).start())).toBe('INVALID_ARGUMENT');
  expect(await codeOfPromise(createLightNode({ trustLink: 'no link' }).start())).toBe('TRUST_ROOT');
});

describe('a lying node with a genesis of its own', () => {
  it.each(['with a root', 'with a link'])('is refused %s, and never becomes what is believed', async (how) => {
    const { network } = file;
    const own = await startLocalNetwork({ members: 1 });
    onTestFinished(() => own.stop());
    const pretends = { genesisHash: network.genesisHash, chainId: network.chain.chainId };
    const liar = await withLiar(startChainLiar(own, { status: eachAnswer((status) => ({ ...status, ...pretends, peers: [] })) }));
    const start = (peers: readonly string[]) =>
      how === 'with a root' ? testLight(network, [], { peers, allowPrivate: true }) : linked(linkOf(network), peers);
    const address = liar.host.multiaddrs().map((each) => `${each}/p2p/${liar.host.peerId}`);
    const alone = await start([...address, ...peersOf(own)]);
    const { head } = await until(alone, ({ error }) => error !== undefined);
    expect(head).toBeUndefined();
    expect(alone.state).toMatchObject({ phase: 'failed', error: { code: 'WRONG_CHAIN' } });

    const among = await start([...address, ...peersOf(network)]);
    const { chain } = await until(among, (state) => state.phase === 'live' && state.chain?.development === true);
    expect(fromHex(chain?.genesisHash ?? '')).toEqual(network.genesisHash);
    expect(among.state.head?.sources).not.toContain(liar.host.peerId);
  });
});
