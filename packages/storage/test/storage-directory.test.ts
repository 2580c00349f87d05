import { createHost, dialPeer, type Host } from '@perigee/net';
import type { Status } from '@perigee/wire';
import { afterEach, expect, it } from 'vitest';
import { StorageDirectory } from '../src/node/index.ts';

const hosts: Host[] = [];
afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
});

const genesisHash = new Uint8Array(32).fill(7);
const statusOf = (changes: Partial<Status>): Status => ({
  version: 1,
  genesisHash,
  chainId: 'files-07070707',
  height: 0,
  headerHash: new Uint8Array(0),
  earliest: 0,
  recentBlobs: [],
  peers: [],
  roles: ['storage'],
  storage: { shardId: 1, numShard: 2 },
  ...changes,
});

async function host(): Promise<Host> {
  const made = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  hosts.push(made);
  return made;
}

it('lists who is connected, stores files of this chain, and was not caught', async () => {
  const [own, other] = [await host(), await host()];
  const directory = new StorageDirectory({ host: own, genesisHash, now: () => 5 });
  const { peerId } = other;
  const address = { peerId, multiaddrs: other.multiaddrs() };
  await dialPeer(own, address);
  expect(directory.nodes()).toEqual([]);
  directory.hear(peerId, statusOf({}));
  expect(directory.nodes()).toMatchObject([{ peerId, shard: { shardId: 1, numShard: 2 }, url: undefined, sinceMs: 5 }]);
  directory.hear(peerId, statusOf({ genesisHash: new Uint8Array(32) }));
  expect(directory.nodes()).toEqual([]);
  directory.hear(peerId, statusOf({ storage: { shardId: 0, numShard: 1, url: 'http://192.0.2.7:5678/' } }));
  expect(directory.nodes()).toMatchObject([{ shard: { shardId: 0, numShard: 1 }, url: 'http://192.0.2.7:5678/' }]);
  await own.disconnect(peerId);
  expect(directory.nodes()).toEqual([]);
  directory.hear(peerId, statusOf({}));
  expect(directory.nodes()).toEqual([]);
  await dialPeer(own, address);
  directory.hear(peerId, statusOf({}));
  expect(directory.nodes()).toHaveLength(1);
  directory.ban(peerId);
  directory.hear(peerId, statusOf({}));
  expect(directory.nodes()).toEqual([]);
  directory.stop();
});
