import type { Clock } from '@perigee/light-core/roles';
import { createHost, systemClock } from '@perigee/net';
import type { Status, StatusRequest } from '@perigee/wire';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eachAnswer, startChainLiar, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { eventually } from '../../../tests/kit/eventually.ts';
import { startFaultProxy } from '../../../tests/kit/index.ts';
import { createLightNode } from '../src/index.ts';
import { fastClock, mortalWorkers, networkOfFile, ready, testLight, until, verdicts, withLiar } from './light.ts';

const file = networkOfFile();

describe('a verify worker that dies', () => {
  it('between blobs: is replaced, trusts again what it had verified, and proves and verifies as before', async () => {
    const { network, key } = file;
    const workers = mortalWorkers();
    // the root is asked for once: from then on the node has what it needs
    const liar = await withLiar(startChainLiar(network, {}));
    const node = await ready(await testLight(network, [liar.host], { spawnWorker: workers.spawnWorker }));
    await node.sample(key);
    await workers.kill();
    const height = node.state.head?.height ?? 0;
    expect(verdicts((await node.sample(key)).rows)).toEqual({ verified: 20 });
    await until(node, ({ head }) => (head?.height ?? 0) >= height + 2);
    expect(workers.started).toBe(2);
    expect(node.state).toMatchObject({ phase: 'live', error: undefined });
    expect(node.state.peers.filter(({ banned }) => banned !== undefined)).toEqual([]);
  });

  it('while it samples: every row is verified nevertheless', async () => {
    const { network, key } = file;
    const workers = mortalWorkers();
    let deaths = 0;
    for (const member of network.members) {
      await withLiar(
        startMemberLiar(network, member, {
          rows: (honest) =>
            async function* (request, context) {
              for await (const answer of honest(request, context) as AsyncIterable<never>) {
                // the worker is primed by then, and some rows are verified
                if (request.indices.length > 0 && deaths++ < 3) await workers.kill();
                yield answer;
              }
            },
        }),
      );
    }
    const node = await ready(await testLight(network, [network.chainHost], { spawnWorker: workers.spawnWorker }));
    expect(verdicts((await node.sample(key)).rows)).toEqual({ verified: 20 });
    expect(workers.started).toBeGreaterThan(1);
    expect(node.state.peers.filter(({ banned }) => banned !== undefined)).toEqual([]);
  });

  it('again and again: the node says that it cannot go on', async () => {
    const { network } = file;
    const { spawnWorker } = mortalWorkers();
    const dying = () => {
      const worker = spawnWorker();
      return { ...worker, post: () => void worker.terminate() };
    };
    const node = await testLight(network, [network.chainHost], { spawnWorker: dying });
    const { head } = await until(node, ({ phase }) => phase === 'failed');
    expect(head).toBeUndefined();
    expect(node.state.error?.code).toBe('INTERNAL');
  });
});

describe('peers that are gone', () => {
  it('leave the head as it was, that is said, and the node follows again when one returns', async () => {
    const { network } = file;
    // the one peer of this node, which names no others, behind a line that can be cut
    const status = eachAnswer<StatusRequest, Status>((answer) => ({ ...answer, peers: [] }));
    const liar = await withLiar(startChainLiar(network, { status }));
    const line = await startFaultProxy({ port: Number(/\/tcp\/(\d+)/.exec(liar.host.multiaddrs()[0] ?? '')?.[1]) });
    onTestFinished(() => line.close());
    const peers = [`/ip4/127.0.0.1/tcp/${line.port}/p2p/${liar.host.peerId}`];
    const node = await testLight(network, [], { peers, allowPrivate: true, clock: fastClock(20) });
    await until(node, ({ phase, chain }) => phase === 'live' && chain?.development === true);

    line.set({ silent: true });
    line.cut();
    const lost = await until(node, ({ phase }) => phase === 'connecting');
    expect(lost.peers).toMatchObject([{ connected: false, banned: undefined }]);
    // a header that came before the cut may still have been in the worker
    const { head } = await until(node, (state) => state.peers.some((peer) => peer.error !== undefined));
    await network.untilHeight((head?.height ?? 0) + 3);
    expect(node.state.head).toMatchObject({ height: head?.height, headerHash: head?.headerHash });
    expect(await codeOfPromise(node.sample(file.key))).toBe('UNPROVEN');

    line.set({});
    await until(node, ({ phase, head }) => phase === 'live' && (head?.height ?? 0) > (lost.head?.height ?? 0) + 2);
  });
});

it('a peer that has moved is dialled where it is now as soon as that is known, however long the wait', async () => {
  const { network } = file;
  const peers = [`/ip4/127.0.0.1/tcp/1/p2p/${network.chainHost.peerId}`]; // nobody listens there
  const waits: number[] = [];
  const sleep: Clock['sleep'] = (ms, signal) => {
    waits.push(ms);
    // a wait for the next dial takes for ever; the clock of the node itself goes on
    return systemClock.sleep(ms > 1_000 ? 3_600_000 : ms / 10, signal);
  };
  const host = await createHost({ allowPrivate: true });
  onTestFinished(() => host.stop());
  const node = await testLight(network, [], { peers, host, allowPrivate: true, clock: { ...systemClock, sleep } });
  await eventually(() => expect(Math.max(...waits)).toBeGreaterThan(1_000));
  node.readdress(network.trustRoot([network.chainHost]));
  await until(node, ({ phase }) => phase === 'live');
});

describe('stop', () => {
  it('ends whatever is under way, and nothing is asked any more', async () => {
    const { network, key } = file;
    const liars = await Promise.all(network.members.map((member) => withLiar(startMemberLiar(network, member, {}))));
    const node = await ready(await testLight(network, [network.chainHost], { follow: true }));
    const sampling = codeOfPromise(node.sample(key));
    await node.stop();
    expect(['ABORTED', 'none']).toContain(await sampling);
    expect(node.state.phase).toBe('stopped');
    const asked = () => liars.map((liar) => ({ ...liar.asked }));
    await eventually(() =>
      expect(liars.flatMap(({ host }) => host.connections().filter(({ direction }) => direction === 'inbound'))).toEqual([]),
    );
    const before = asked();
    await network.untilHeight(network.chain.latest().height + 3);
    expect(asked()).toEqual(before);
    expect(await codeOfPromise(node.sample(key))).toBe('ABORTED');
    expect(await codeOfPromise(node.chain.get('da', Uint8Array.of(0)))).toBe('ABORTED');
  });

  it('while it starts: ends the start', async () => {
    const { network } = file;
    const node = createLightNode({ trustRoot: network.trustRoot() });
    const starting = codeOfPromise(node.start());
    await node.stop();
    expect(await starting).toBe('ABORTED');
    expect(node.state.phase).toBe('stopped');
    await node.start();
    await until(node, ({ phase }) => phase === 'live');
    await node.stop();
  });
});
