import { HEADER_CONFLICT_MAGIC, HeaderConflict, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { conflictingHeader, secondHeader } from '../../../tests/kit/adversaries/headers.ts';
import { eachAnswer, flipped, startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { createLightNode } from '../src/index.ts';
import { openStore } from '../src/store/open-store.ts';
import { networkOfFile, peerOf, testLight, until, withLiar } from './light.ts';

const file = networkOfFile({ members: 1 });

/** Says to have other headers than the chain. */
const otherHash = eachAnswer<unknown, { headerHash: Uint8Array }>((status) => ({
  ...status,
  headerHash: flipped(status.headerHash),
})) as never;

describe('two headers of one height that the validators have signed', () => {
  it('are told of, whoever comes first; nothing is believed any more, and both are kept', async () => {
    const { network, key } = file;
    const liar = await withLiar(startChainLiar(network, { headers: secondHeader(network), status: otherHash }));
    const directory = temporaryFolder('conflict');
    const node = await testLight(network, [liar.host, network.chainHost], { store: { directory } });
    const { error, events, evidence } = await until(node, (state) => state.evidence.length > 0);
    expect(node.state.phase).toBe('failed');
    expect(error?.code).toBe('CONFLICTING_HEADERS');
    const { height } = error?.data ?? {};
    expect(events.filter(({ kind }) => kind === 'conflict')).toMatchObject([{ about: String(height) }]);
    expect(await codeOfPromise(node.sample(key))).toBe('CONFLICTING_HEADERS');

    const [view] = evidence;
    const bytes = await node.evidence(view?.id ?? '');
    expect(bytes.subarray(0, 4)).toEqual(HEADER_CONFLICT_MAGIC);
    const { first, second, common } = HeaderConflict.decodeCanonical(bytes.subarray(4));
    const headerOf = (answer: typeof first) => answer.block.signedHeader?.header;
    expect(headerOf(first)?.height).toBe(height);
    expect(headerOf(second)?.height).toBe(height);
    expect(headerOf(first)?.appHash).not.toEqual(headerOf(second)?.appHash);
    expect(headerOf(common)?.height).toBeLessThan(Number(height));

    // later heads change nothing of it
    await network.untilHeight(network.chain.latest().height + 3);
    expect(node.state).toMatchObject({ phase: 'failed', error: { code: 'CONFLICTING_HEADERS' } });
    await node.stop();
    // neither header is one to go on from, also where the first was still to be kept when the second came
    const genesisHash = Promise.resolve(toHex(network.genesisHash));
    const store = openStore({ store: { directory }, genesisHash, onChange: () => {} });
    expect(await store.header()).toBeUndefined();
    await store.close();
    const next = await testLight(network, [network.chainHost], { store: { directory } });
    await until(next, ({ phase, evidence: again }) => phase === 'live' && again.length === 1);
  });

  it('of which one is too weakly signed: its sender is banned, and the other believed', async () => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { headers: conflictingHeader(network), status: otherHash }));
    const node = await testLight(network, [network.chainHost, liar.host]);
    await until(node, () => peerOf(node, liar.host)?.banned !== undefined);
    const { height } = (await until(node, ({ phase }) => phase === 'live')).head ?? { height: 0 };
    await until(node, ({ head }) => (head?.height ?? 0) > height + 2);
    expect(node.state.error).toBeUndefined();
  });
});

it('a peer whose word is wrong and whose header is right is no witness, and no liar', async () => {
  const { network } = file;
  const liar = await withLiar(startChainLiar(network, { status: otherHash }));
  const node = await testLight(network, [network.chainHost, liar.host]);
  await until(node, ({ phase, peers }) => phase === 'live' && peers.every(({ connected }) => connected));
  await until(node, ({ head }) => (head?.height ?? 0) > 20);
  expect(node.state.peers.filter(({ banned }) => banned !== undefined)).toEqual([]);
  expect(node.state.error).toBeUndefined();
});

it('another peer is asked for the header at the start, though it says nothing else', async () => {
  const { network } = file;
  const quiet = await withLiar(
    startChainLiar(network, {
      status: eachAnswer((status) => ({ ...status, height: 1, headerHash: flipped(status.headerHash) })),
    }),
  );
  const node = createLightNode({ trustRoot: network.trustRoot([quiet.host, network.chainHost]), follow: false, workers: 1 });
  await node.start();
  await until(node, ({ head }) => head?.sources.includes(quiet.host.peerId) ?? false);
  await node.stop();
});

it('the share of the voting power that signed is shown, and was verified', async () => {
  const { network } = file;
  const node = await testLight(network, [network.chainHost]);
  const { head } = await until(node, (state) => (state.head?.signedPower ?? 0) > 0);
  expect(head?.signedPower).toBe(1);
});
