/** A client that is connected to one node finds the others that have a file. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { dialPeer, type Host, systemClock } from '@perigee/net';
import { Kad } from '@perigee/net/kad';
import { chainProtocol, type StoredFile } from '@perigee/wire';
import { loadFileHasher } from '@perigee/workers/codec';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { FileLedger, type Sample, sampleOf } from '../../../storage/test/files.ts';
import {
  announce,
  clientHost,
  connect,
  GENESIS,
  knownOf,
  type ProviderNode,
  recordOf,
  startNode,
  store,
} from '../../../storage/test/providers/provider-network.ts';
import { createFilePool, download, type StoragePeers } from '../../src/files/index.ts';
import { diskPlace } from '../../src/node.ts';
import { judge } from '../../src/peers/lies.ts';
import { Peer } from '../../src/peers/peer.ts';
import { ProviderFinder, type StartProviderWalk } from '../../src/providers/storage-providers.ts';

/** One node that has nothing and knows another that has the file, which the client does not know. */
async function twoNodes(): Promise<{ known: ProviderNode; holder: ProviderNode; sample: Sample; file: StoredFile }> {
  const ledger = new FileLedger();
  const sample = sampleOf(3 * 262_144 + 9, 'search');
  const file = ledger.submit(sample);
  ledger.advance();
  const hash = await loadFileHasher();
  const [known, holder] = [await startNode({ hash, ledger }), await startNode({ hash, ledger })];
  await eventually(() => expect(Math.min(known.log.nextTxSeq, holder.log.nextTxSeq)).toBe(1));
  await connect(holder, known);
  await store(holder, sample, file);
  await eventually(() => expect(known.providers.stats().records).toBe(1));
  return { known, holder, sample, file };
}

function storageOf(
  host: Host,
  known: ProviderNode,
  startWalk?: StartProviderWalk,
): StoragePeers & { readonly searched: string[] } {
  const peers = [new Peer(host, knownOf(known.host), 'given')];
  const searched: string[] = [];
  const finder = new ProviderFinder({
    host,
    genesisHash: GENESIS,
    clock: systemClock,
    peers: () => [knownOf(known.host)],
    startWalk,
    signal: new AbortController().signal,
  });
  onTestFinished(() => finder.stop());
  return {
    searched,
    peers: () => peers.filter((peer) => peer.usable),
    judge: (peer, thrown) => judge(peer as Peer, thrown, (liar, error) => (liar.banned = error.message)),
    async search(file, check, signal) {
      for (const { peerId, multiaddrs } of await finder.find(file, check, signal)) {
        searched.push(peerId);
        await dialPeer(host, { peerId, multiaddrs });
        peers.push(new Peer(host, { peerId, multiaddrs }, 'hint'));
      }
    },
  };
}

const walk: StartProviderWalk = (host, genesisHash) =>
  Kad.start({ host, protocol: chainProtocol('kad', genesisHash), mode: 'client' });

describe('a download whose holder is not connected', () => {
  it.each([
    ['by its own walk', walk],
    ['by asking the one that it knows', undefined],
  ])('finds it %s, and takes nothing from a liar', async (_name, startWalk) => {
    const { known, holder, sample, file } = await twoNodes();
    const liar = await clientHost();
    await announce(liar, known, await recordOf(liar, file.root));
    const host = await clientHost();
    await dialPeer(host, knownOf(known.host));
    const pool = createFilePool(1);
    onTestFinished(() => pool.close());
    const storage = storageOf(host, known, startWalk);
    const path = join(temporaryFolder('files-search'), 'got');
    const place = await diskPlace(path);
    const signal = new AbortController().signal;
    const done = await download({ file, place, storage, pool, clock: systemClock, state: new FileLedger(), signal });
    expect(done.byPeer.map(([peerId]) => peerId)).toEqual([holder.host.peerId]);
    await place.finish();
    expect(readFileSync(path).equals(sample.data)).toBe(true);
    expect(storage.searched).toEqual([holder.host.peerId]);
  });
});
