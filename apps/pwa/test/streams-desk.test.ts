import type { KvWrite } from '@perigee/light-core/kv';
import { createLightNode, type LightNode } from '@perigee/sampler';
import { PerigeeError, toHex, utf8 } from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { type LocalNetwork, startLocalNetwork } from '../../../tests/kit/local-network.ts';
import { createModel } from '../src/model/index.ts';
import type { NodeKeeper } from '../src/node-keeper.ts';
import { StreamsDesk } from '../src/requests/streams/streams-desk.ts';
import { KeptSessions } from '../src/requests/wallet/kept-session.ts';

let network: LocalNetwork;
let node: LightNode;
beforeAll(async () => {
  network = await startLocalNetwork({ blockMs: 300, genesis: { storage: { pricePerSector: 1n }, kv: { depositPerByte: 1n } } });
  node = createLightNode({ trustRoot: network.trustRoot(), follow: false, workers: 1 });
  await node.start();
});
afterAll(async () => {
  await node.stop();
  await network.stop();
});

/** A page whose node is there once it is said to be. */
function page() {
  const model = createModel({ hasWebrtc: true, nowMs: Date.now() });
  let isReady = true;
  const keeper = {
    node() {
      if (!isReady) throw new PerigeeError('ABORTED', 'it has not started yet');
      return node;
    },
    ready: async (signal: AbortSignal) => {
      while (!isReady) await new Promise((resolve) => setTimeout(resolve, 10));
      signal.throwIfAborted();
      return { node };
    },
  } as unknown as NodeKeeper;
  const desk = new StreamsDesk(model, keeper, new KeptSessions(() => ({ getItem: () => null, setItem() {} }) as never));
  const view = () => model.streams.value;
  const setReady = (to: boolean): void => {
    isReady = to;
  };
  return { desk, model, view, setReady };
}

/** The node has verified what the chain has now. */
const untilNodeHas = ({ chain }: LocalNetwork): Promise<void> => {
  const { height } = chain.latest();
  return eventually(() => expect(node.chain.head()?.height).toBeGreaterThanOrEqual(height));
};

let streams = 0;
const newStream = (): Uint8Array => new Uint8Array(32).fill(++streams);
const write = (stream: Uint8Array, key: string, value: string | Uint8Array): KvWrite => ({
  stream,
  key: utf8(key),
  value: typeof value === 'string' ? utf8(value) : value,
});
const shown = ({ entries }: { entries: readonly { name: string; value: string }[] }) =>
  entries.map(({ name, value }) => `${name}=${value}`);

it('lists a stream, proved, and follows what is written and deleted', async () => {
  const { desk, view } = page();
  const stream = newStream();
  const evil = 'line\nbreak \u202e turned';
  await network.writeStreams([write(stream, 'b', 'two'), write(stream, 'a', evil), write(stream, 'c', Uint8Array.of(0xff, 0))]);
  await desk.open(toHex(stream));
  // the node may be a head behind
  await eventually(() => expect(shown(view())).toEqual(['a=line break turned', 'b=two', 'c=0xff00']));
  expect(view()).toMatchObject({ hasMore: false, doing: undefined, problem: undefined });
  expect(view().provedAt?.proof.bytes).toBeGreaterThan(100);
  await network.writeStreams([write(stream, 'b', ''), write(stream, 'd', 'four')]);
  await eventually(() => expect(shown(view())).toEqual(['a=line break turned', 'c=0xff00', 'd=four']));
  await desk.read(view().entries[2]?.key ?? '', false);
  expect(view().read).toMatchObject({ name: 'd', source: 'memory', isThere: true });
  expect(await desk.textOf(toHex(utf8('d')))).toBe('four');
  expect(await desk.textOf(toHex(utf8('c')))).toBeUndefined();
  await desk.read(toHex(utf8('b')), true);
  expect(view()).toMatchObject({ read: { name: 'b', isThere: false }, doing: undefined });
  desk.leave();
  expect(view()).toMatchObject({ stream: undefined, entries: [] });
});

it('shows a page at a time, and nothing out of its place', async () => {
  const { desk, view } = page();
  const stream = newStream();
  const names = Array.from({ length: 70 }, (_, i) => `key ${String(i).padStart(3, '0')}`);
  await network.writeStreams(names.map((name) => write(stream, name, 'x')));
  await untilNodeHas(network);
  await desk.open(toHex(stream));
  await eventually(() => expect(view()).toMatchObject({ hasMore: true, doing: undefined, problem: undefined }));
  expect(view().entries).toHaveLength(50);
  // beyond what is shown
  await network.writeStreams([write(stream, 'zzz', 'last'), write(stream, 'key 000a', 'between')]);
  await eventually(() => expect(shown(view())).toContain('key 000a=between'));
  expect(shown(view())).not.toContain('zzz=last');
  await desk.more();
  await eventually(() => expect(view().entries).toHaveLength(72));
  expect(view()).toMatchObject({ hasMore: false, doing: undefined });
  desk.leave();
});

it('waits for a node, opens again with one that starts again, and says what is no stream', async () => {
  const { desk, model, view, setReady } = page();
  const stream = newStream();
  await network.writeStreams([write(stream, 'a', 'one')]);
  setReady(false);
  const opening = desk.open(toHex(stream));
  await new Promise((resolve) => setImmediate(resolve));
  expect(view()).toMatchObject({ stream: toHex(stream), entries: [], doing: 'open' });
  setReady(true);
  await opening;
  await eventually(() => expect(shown(view())).toEqual(['a=one']));
  model.startedAt.value += 1;
  expect(view()).toMatchObject({ stream: toHex(stream), provedAt: undefined });
  await eventually(() => expect(view().provedAt).toBeDefined());
  await desk.open('no stream');
  expect(view()).toMatchObject({ stream: undefined, problem: { code: 'INVALID_ARGUMENT' } });
});
