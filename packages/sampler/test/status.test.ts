import { BLOB_HINT_HEADS, MAX_BLOB_HINTS_PER_HEAD, MAX_PEERS, toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import {
  absurdHeights,
  fakeBlobs,
  fakeRecords,
  misleadingAddresses,
  replayedRecords,
  wrongGenesis,
} from '../../../tests/kit/adversaries/status.ts';
import { networkOfFile, peerOf, ready, testLight, until, verdicts, withLiar } from './light.ts';

const file = networkOfFile();

describe('a peer that lies in its status', () => {
  it('about its chain: is dropped, and when there is no other that is said', async () => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { status: wrongGenesis }));
    const alone = await testLight(network, [liar.host]);
    await until(alone, ({ error, peers }) => error?.code === 'WRONG_CHAIN' && peers.every(({ connected }) => !connected));
    expect(alone.state).toMatchObject({ phase: 'failed', peers: [{ banned: 'it is on another chain' }] });
    expect(liar.asked).toMatchObject({ headers: 0, state: 0 });
    await ready(await testLight(network, [liar.host, network.chainHost]));
  });

  it('about its height: neither moves the head nor hides who has shown it', async () => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { status: absurdHeights() }));
    const node = await ready(await testLight(network, [liar.host, network.chainHost]));
    const { height } = network.chain.latest();
    const { head } = await until(node, ({ head }) => (head?.height ?? 0) >= height + 3);
    expect(head?.height).toBeLessThanOrEqual(network.chain.latest().height);
    await until(node, ({ freshness, head }) => freshness === 'current' && !head?.sources.includes(liar.host.peerId));
  });

  it('about members that do not exist: takes up a bounded number of places, and none that a member needs', async () => {
    const { network, key } = file;
    const liar = await withLiar(startChainLiar(network, { status: fakeRecords(128) }));
    const node = await testLight(network, [liar.host, network.chainHost]);
    await until(node, ({ peers }) => peers.length === MAX_PEERS);
    await ready(node);
    expect(node.members().size).toBe(4);
    expect(node.state.peers.length).toBeLessThanOrEqual(MAX_PEERS);
    expect(verdicts((await node.sample(key)).rows)).toEqual({ verified: 20 });
  });

  it('by putting itself into the records of members: is banned, and leads nobody away', async () => {
    const { network, key } = file;
    const target = await withLiar(startChainLiar(network, {}));
    const as = { peerId: target.host.peerId, multiaddrs: target.host.multiaddrs() };
    const liar = await withLiar(startChainLiar(network, { status: replayedRecords(as) }));
    const node = await ready(await testLight(network, [liar.host, network.chainHost]));
    await until(node, () => peerOf(node, liar.host)?.banned !== undefined);
    expect(peerOf(node, liar.host)?.banned).toContain('peer records');
    expect([...node.members().keys()].sort()).toEqual(network.members.map(({ address }) => toHex(address)).sort());
    expect([...node.members().values()].map(({ peerId }) => peerId)).not.toContain(target.host.peerId);
    expect(verdicts((await node.sample(key)).rows)).toEqual({ verified: 20 });
  });

  it('about the addresses of peers that are known: nobody is dialled there', async () => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { status: misleadingAddresses }));
    const node = await ready(await testLight(network, [network.chainHost, liar.host]));
    await until(node, () => peerOf(node, liar.host)?.banned !== undefined);
    for (const member of network.members) {
      expect(node.members().get(toHex(member.address))?.multiaddrs).toEqual(member.host.multiaddrs());
    }
  });

  it('being a member that signs itself to be where another is: takes nothing from that one', async () => {
    const { network, key } = file;
    const [liar, honest] = [network.member(0), network.member(1)];
    await network.move(liar, honest.host);
    const node = await ready(await testLight(network, [network.chainHost]), 3);
    await until(node, () => node.members().size === 4);
    expect(node.members().get(toHex(liar.address))?.peerId).toBe(honest.host.peerId);
    const blob = await node.sample(key);
    expect(verdicts(blob.rows)).toEqual({ verified: 20 });
    expect(blob.operators).toBeGreaterThanOrEqual(3);
  });

  it('about blobs: costs a bounded number of proofs a head, and hides no blob that exists', async () => {
    const { network } = file;
    const liar = await withLiar(startChainLiar(network, { status: fakeBlobs }));
    const node = await testLight(network, [liar.host, network.chainHost], { follow: true });
    await ready(node);
    const from = node.state.head?.height ?? 0;
    const { key } = await network.publish();
    const { head } = await until(node, ({ blobs }) => blobs.some(({ blobId, phase }) => blobId === key && phase === 'done'));
    expect(node.state.blobs.every(({ phase }) => phase === 'done')).toBe(true);
    // both chain peers are asked in turn; every head has its lookups, its genesis and its committees
    const heads = (head?.height ?? 0) - from + BLOB_HINT_HEADS;
    expect(liar.asked.state).toBeLessThan((MAX_BLOB_HINTS_PER_HEAD + 4) * heads);
  });
});
