/** Two light nodes give each other rows, introduced by a relay. Node hosts stand in for browsers; tests/e2e/pages.spec.ts has real ones. */
import { createHash, randomBytes } from 'node:crypto';
import { createHost, dialPeer, type Host, type HostOptions, rowsProtocol, serve } from '@perigee/net';
import { Introductions, pageProtocol } from '@perigee/net/pages';
import { ROW_STATUS, type RowAnswer, type RowsRequest } from '@perigee/wire';
import { beforeAll, expect, onTestFinished, test, vi } from 'vitest';
import { startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import { refuseRows } from '../../../tests/kit/adversaries/withhold.ts';
import { eventually } from '../../../tests/kit/eventually.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import type { LightNode, LightNodeOptions, LightNodeState } from '../src/index.ts';
import { networkOfFile, ready, testLight, until, withLiar } from './light.ts';
import { memorySink } from './memory-sink.ts';

/** What two browsers agree by on a connection of their own. */
const WEBRTC_SIGNALING = '/webrtc-signaling/0.0.1';

const file = networkOfFile({ relay: true });
const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');
const data = randomBytes(300_000);
let key: string;
beforeAll(async () => {
  key = (await file.network.publish(data)).key;
});

/** A light node that shares. */
async function page(options: Partial<LightNodeOptions> = {}): Promise<LightNode> {
  const node = await ready(await testLight(file.network, undefined, { sharing: {}, ...options }));
  await until(node, ({ sharing }) => sharing !== undefined && (sharing.relays > 0 || !sharing.enabled));
  return node;
}

async function retrieve(node: LightNode): Promise<void> {
  const sink = memorySink();
  await node.retrieve(key, { sink });
  expect(sha256(sink.bytes())).toBe(sha256(data));
}

/** No member gives a row from now on. */
function membersRefuse() {
  return Promise.all(
    file.network.members.map((member) => withLiar(startMemberLiar(file.network, member, { rows: refuseRows('refused') }))),
  );
}

test('what one page retrieved another gets from it, while no member gives a row', async () => {
  const a = await page();
  await a.sample(key);
  await retrieve(a);
  await membersRefuse();
  const b = await page();
  await until(b, ({ sharing }) => sharing?.pages === 1);
  const view = await b.sample(key);
  const given = view.rows.filter(({ fromPage }) => fromPage);
  expect(given.length).toBeGreaterThan(0);
  expect(new Set(given.map(({ verdict, transport }) => `${verdict} ${transport}`))).toEqual(new Set(['verified webrtc']));
  expect(view.operators).toBe(0);
  await retrieve(b);
  expect(b.state.sharing?.rowsReceived).toBeGreaterThanOrEqual(64);
  expect(a.state.sharing?.rowsServed).toBe(b.state.sharing?.rowsReceived);
});

test('a page that starts again knows what it gave of the day', async () => {
  const store = { directory: temporaryFolder('given'), budgetBytes: 2 ** 24 };
  const a = await page({ store });
  await a.sample(key);
  await retrieve(a);
  await membersRefuse();
  const b = await page();
  await until(b, ({ sharing }) => sharing?.pages === 1);
  await retrieve(b);
  const given = a.state.sharing?.bytesServedToday ?? 0;
  expect(given).toBeGreaterThan(0);
  await a.stop();
  const again = await page({ store });
  expect(again.state.sharing).toMatchObject({ bytesServed: 0 });
  expect(again.state.sharing?.bytesServedToday).toBeGreaterThanOrEqual(given);
});

/** What is named as a page and is introduced as one. @param genesisHash of the chain whose pages it claims to be one of */
async function falsePage(
  rows: (request: RowsRequest) => AsyncIterable<RowAnswer>,
  { speaks = file.network.genesisHash, ...options }: { readonly speaks?: Uint8Array } & HostOptions = {},
): Promise<Host> {
  const { network } = file;
  const host = await createHost({ allowPrivate: true, ...options });
  onTestFinished(() => host.stop());
  await dialPeer(host, { peerId: network.chainHost.peerId, multiaddrs: network.chainHost.multiaddrs() });
  const meet = await Introductions.of(host, network.genesisHash);
  await serve(host, rowsProtocol, rows);
  await serve(host, pageProtocol(speaks), async () => ({ held: new Uint8Array(32).fill(255) }));
  await meet.reserve(network.chainHost.peerId);
  await meet.others(network.chainHost.peerId, new AbortController().signal);
  return host;
}

async function* falseRows({ indices, prime }: RowsRequest): AsyncGenerator<RowAnswer> {
  if (prime) yield { status: ROW_STATUS.notAssigned };
  for (const index of indices) {
    yield { index, status: ROW_STATUS.row, proof: { index, row: new Uint8Array(64), path: new Uint8Array(256) } };
  }
}

test('a page that lies is banned, and what it gave counts for nothing', async () => {
  const liar = await falsePage(falseRows);
  const node = await page();
  await until(node, ({ peers }) => peers.some(({ peerId, isPage }) => isPage && peerId === liar.peerId));
  await retrieve(node);
  const seen = node.state.peers.find(({ peerId }) => peerId === liar.peerId);
  expect(seen?.banned).toBeDefined();
  expect(node.state.sharing).toMatchObject({ rowsReceived: 0 });
  expect(node.state.error).toBeUndefined();
  await eventually(() => expect(node.state.sharing?.pages).toBe(0));
});

test('who does not speak the protocol of this chain is no page, whatever the relay says', async () => {
  const speaks = createHash('sha256').update('another chain').digest();
  const stranger = await falsePage(falseRows, { speaks });
  const met = vi.fn();
  stranger.subscribe(({ type }) => met(type));
  const node = await page();
  await eventually(() => expect(met.mock.calls.map(([type]) => type)).toContain('disconnect'));
  expect(node.state.peers.some(({ peerId }) => peerId === stranger.peerId)).toBe(false);
  expect(node.state.sharing?.pages).toBe(0);
});

test('a page that comes by its own way while it is being met is a page', async () => {
  const eager = await falsePage(falseRows);
  const meet = await Introductions.of(eager, file.network.genesisHash);
  // it answers no introduction, and has itself introduced instead
  await eager.libp2p.unhandle(WEBRTC_SIGNALING);
  await eager.libp2p.handle(
    WEBRTC_SIGNALING,
    async (stream, { remotePeer }) => {
      await meet.meet(file.network.chainHost.peerId, remotePeer.toString(), new AbortController().signal).catch(() => {});
      stream.abort(new Error('it is connected already'));
    },
    { runOnLimitedConnection: true },
  );
  const node = await page();
  await until(node, ({ peers }) => peers.some(({ peerId, isPage }) => isPage && peerId === eager.peerId));
});

test('a page that was connected otherwise too is gone with its last connection', async () => {
  const both = await falsePage(falseRows, { listen: { host: '127.0.0.1', websocket: 0 } });
  const host = await createHost({ allowPrivate: true });
  onTestFinished(() => host.stop());
  const node = await page({ host: Promise.resolve(host) });
  const hasPage = ({ peers }: LightNodeState): boolean => peers.some(({ peerId, isPage }) => isPage && peerId === both.peerId);
  await until(node, hasPage);
  const [address] = both.components.transportManager.getAddrs();
  if (address === undefined) throw new Error('it does not listen');
  const websocket = await host.components.transportManager.dial(address, { signal: new AbortController().signal });
  const others = host.libp2p.getConnections(websocket.remotePeer).filter(({ id }) => id !== websocket.id);
  await Promise.all(others.map((connection) => connection.close()));
  expect(host.isConnected(both.peerId)).toBe(true);
  await websocket.close();
  await until(node, (state) => !hasPage(state));
});

test('sharing that is switched off ends it, and a page that never shared says so', async () => {
  const a = await page();
  const b = await page();
  await until(b, ({ sharing }) => sharing?.pages === 1);
  await a.setSharing({ enabled: false });
  await until(b, ({ sharing }) => sharing?.pages === 0);
  expect(a.state.sharing).toMatchObject({ enabled: false, pages: 0 });
  await expect(a.setSharing({ bytesPerSecond: 1 })).rejects.toMatchObject({ code: 'INVALID_ARGUMENT' });
  const alone = await testLight(file.network);
  await expect(alone.setSharing({ enabled: true })).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

test('what was sampled goes round as a signed receipt, and adds nothing to the confidence', async () => {
  const a = await page();
  const b = await page();
  await until(a, ({ sharing }) => sharing?.pages === 1);
  await until(b, ({ sharing }) => sharing?.pages === 1);
  await a.sample(key);
  const told = await until(b, ({ sharing }) => (sharing?.receipts.length ?? 0) > 0);
  expect(told.sharing?.receipts).toMatchObject([{ blobId: key, keys: 1 }]);
  expect(told.blobs.some(({ blobId }) => blobId === key)).toBe(false);
});
