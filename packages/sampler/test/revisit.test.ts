import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '@perigee/light-core/roles';
import { blobKey } from '@perigee/light-core/state';
import { systemClock } from '@perigee/net';
import { fromHex, STORE_PATIENCE_MS, type Status, type StatusRequest, TRUSTING_PERIOD_MS } from '@perigee/wire';
import { expect, it } from 'vitest';
import { eachAnswer, type Lies, startChainLiar } from '../../../tests/kit/adversaries/liar.ts';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../tests/kit/folder.ts';
import { networkOfFile, ready, testLight, until, withLiar } from './light.ts';

const file = networkOfFile();

/** A first visit: a head and a sampled blob. @returns the folder where it kept them, and the height of its head */
async function firstVisit(): Promise<{ readonly directory: string; readonly height: number }> {
  const { network, key } = file;
  const directory = temporaryFolder('revisit');
  const node = await ready(await testLight(network, undefined, { store: { directory } }));
  await node.sample(key);
  await until(node, ({ storage }) => (storage?.usedBytes ?? 0) > 8_000);
  await node.stop();
  return { directory, height: node.state.head?.height ?? 0 };
}

/** Notes which headers are asked for. */
function listener(asked: number[]): Lies {
  return {
    headers: (honest) => (request, context) => {
      asked.push(request.height);
      return honest(request, context);
    },
  };
}

it('a second visit goes on from the header of the first, and shows what that had found, as found then', async () => {
  const { network, key } = file;
  const { directory, height } = await firstVisit();
  await network.untilHeight(height + 1); // of the head itself a node asks again
  const asked: number[] = [];
  const peer = await withLiar(startChainLiar(network, listener(asked)));
  const node = await testLight(network, [peer.host], { store: { directory } });
  const { blobs } = await until(node, (state) => state.blobs.length > 0);
  expect(blobs).toMatchObject([{ blobId: key, earlier: true, outcome: 'available', verified: 20, rows: [] }]);
  expect(blobs[0]?.outcomeAtMs).toBeLessThan(Date.now());
  await until(node, (state) => state.phase === 'live' && state.chain?.development === true);
  expect(asked).not.toContain(1); // the root is not needed
  expect(Math.min(...asked)).toBeGreaterThan(height);
  expect(node.state.rowsVerified).toBe(0);
  // a new sample takes the place of the old verdict
  await ready(node);
  expect((await node.sample(key)).earlier).toBe(false);
  expect(node.state.blobs.filter(({ blobId }) => blobId === key)).toMatchObject([{ earlier: false }]);
});

it('where the chain has not gone on since, the kept head is that of now', async () => {
  const { network, key } = file;
  const { directory, height } = await firstVisit();
  const headerHash = network.chain.lightBlock(height).block.signedHeader?.commit?.blockId.hash ?? new Uint8Array(0);
  const status = eachAnswer<StatusRequest, Status>((answer) => ({ ...answer, height, headerHash }));
  const peer = await withLiar(startChainLiar(network, { status }));
  const node = await testLight(network, [peer.host], { store: { directory } });
  const { head } = await until(node, (state) => state.phase === 'live' && state.chain?.development === true);
  expect(head?.height).toBe(height);
  await ready(node);
  expect((await node.sample(key)).outcome).toBe('available');
});

it('who asks at once on a second visit, before any peer has answered, is not told that nothing can be proved', async () => {
  const { network, key } = file;
  const { directory } = await firstVisit();
  const node = await testLight(network, undefined, { store: { directory } });
  const [blob, listings] = await Promise.all([node.sample(key), node.list('')]);
  expect(blob.outcome).toBe('available');
  expect(listings.map(({ blobIds }) => blobIds)).toContainEqual([key]);
  await node.stop();
  await node.start(); // as after a pause
  expect(await node.chain.get('da', blobKey(fromHex(key)))).toBeDefined();
});

it('without any peer the kept head is shown with its time, as old', async () => {
  const { directory, height } = await firstVisit();
  const node = await testLight(file.network, [], { store: { directory } });
  const { head, freshness, phase } = await until(node, (state) => state.head !== undefined);
  expect(head?.height).toBe(height);
  expect([freshness, phase]).toEqual(['stale', 'connecting']);
  expect(await codeOfPromise(node.sample(file.key))).toBe('UNPROVEN');
});

it('a store that is slow is not waited for, and still gives the header while nothing else is trusted', async () => {
  const { network } = file;
  const { directory, height } = await firstVisit();
  /** The first sleep is the wait for the store: over before any disk has answered. */
  const impatient = (): Clock => {
    let isOver = false;
    const sleep: Clock['sleep'] = (ms, signal) => {
      if (isOver || ms !== STORE_PATIENCE_MS) return systemClock.sleep(ms, signal);
      isOver = true;
      return Promise.resolve();
    };
    return { ...systemClock, sleep };
  };
  const asked: number[] = [];
  const alone = await testLight(network, [], { store: { directory }, clock: impatient(), allowPrivate: true });
  const { head } = await until(alone, (state) => state.head !== undefined);
  expect(head?.height).toBe(height);
  const peer = await withLiar(startChainLiar(network, listener(asked)));
  alone.addPeers(peer.host.multiaddrs().map((address) => `${address}/p2p/${peer.host.peerId}`));
  await until(alone, ({ phase }) => phase === 'live');
  expect(asked).not.toContain(1);
});

it('a header that is kept too long vouches for nothing; one that is younger than the trust root does', async () => {
  const { network } = file;
  const { directory } = await firstVisit();
  const rootTime = Date.parse(JSON.parse(network.trustRoot()).time);
  const late = { ...systemClock, now: () => Date.now() + TRUSTING_PERIOD_MS };
  expect(await codeOfPromise(testLight(network, [], { store: { directory }, clock: late }))).toBe('TRUST_EXPIRED');
  // between the two: the root is too old by now, what was kept is not
  const between = { ...systemClock, now: () => rootTime + TRUSTING_PERIOD_MS + 1 };
  const node = await testLight(network, [], { store: { directory }, clock: between });
  await until(node, ({ head }) => head !== undefined);
  await node.stop();
  expect(await codeOfPromise(testLight(network, [], { clock: between }))).toBe('TRUST_EXPIRED');
});

it('a damaged store costs a visit nothing but what it held', async () => {
  const { network, key } = file;
  const { directory } = await firstVisit();
  const [chain = ''] = await readdir(directory);
  const values = join(directory, chain, 'values');
  for (const name of await readdir(values)) if (/log$|ldb$|MANIFEST/.test(name)) await writeFile(join(values, name), 'nonsense');
  for (const name of await readdir(join(directory, chain, 'files'))) await writeFile(join(directory, chain, 'files', name), 'x');
  const node = await ready(await testLight(network, undefined, { store: { directory } }));
  expect((await node.sample(key)).outcome).toBe('available');
  expect(node.state.storage?.error).toBeUndefined();
});

it('two nodes on one folder: the second keeps nothing, says so, and does its work', async () => {
  const { network, key } = file;
  const directory = temporaryFolder('revisit');
  await ready(await testLight(network, undefined, { store: { directory } }));
  const second = await ready(await testLight(network, undefined, { store: { directory } }));
  const { storage, events } = await until(second, (state) => state.storage?.error !== undefined);
  expect(storage?.error?.code).toBe('STORE_LOCKED');
  expect(events.find(({ kind }) => kind === 'storage')).toMatchObject({ about: 'STORE_LOCKED' });
  expect((await second.sample(key)).outcome).toBe('available');
});
