import { createHash, randomBytes } from 'node:crypto';
import { localState } from '@perigee/chain';
import type { BlobSource } from '@perigee/light-core/roles';
import { STORE, storedFileKey } from '@perigee/light-core/state';
import { blobTags, fileTreeOf, nobleFileHash } from '@perigee/light-core/storage';
import { type KnownPeer, serveStatus } from '@perigee/net';
import { type BlobSink, createLightNode, type LightNode } from '@perigee/sampler';
import { concat, FILE_SEGMENT_BYTES, StoredFile, toHex } from '@perigee/wire';
import { expect, it, onTestFinished } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { segmentsOf } from './files.ts';
import { type Storing, StoringNetwork, until } from './storing.ts';

const storing = new StoringNetwork({ epochBlocks: 120 }); // rows may be waited for until the end of the next epoch
const NEVER = new AbortController().signal;
/** Long enough for nodes to take a blob over while they do much else. */
const RETENTION_BLOCKS = 240;

/** Says who stores what, as the program does. */
async function announce({ host, log }: Storing): Promise<void> {
  const { chain, genesisHash } = storing.network;
  await serveStatus(host, {
    chainId: chain.chainId,
    genesisHash,
    roles: ['storage'],
    storage: log.shard,
    head: () => chain.latest(),
    earliest: () => 0,
    recentBlobs: () => [],
    peers: async () => [],
    onHead: (listener) => chain.onBlock(listener),
  });
}

async function light(stored: readonly KnownPeer[] = []): Promise<LightNode> {
  const node = createLightNode({
    trustRoot: storing.network.trustRoot(),
    peers: stored.flatMap(({ peerId, multiaddrs }) => multiaddrs.map((address) => `${address}/p2p/${peerId}`)),
    allowPrivate: true,
    follow: false,
    workers: 1,
  });
  onTestFinished(() => node.stop());
  await node.start();
  await until(() => node.state.head !== undefined && node.state.chain?.development !== undefined);
  await until(() => node.storage.peers().length === stored.length);
  // whoever holds rows, too: a blob whose rows nobody has comes from where it is stored
  const holders = (): number => node.state.peers.filter(({ connected, member }) => connected && member !== undefined).length;
  await until(() => holders() === storing.network.members.length);
  return node;
}

function sink(): BlobSink & { bytes(): Uint8Array; aborted(): boolean } {
  let pieces: Uint8Array[] = [];
  let isAborted = false;
  return {
    write: async (bytes) => void pieces.push(bytes),
    close: async () => {},
    abort: async () => {
      pieces = [];
      isAborted = true;
    },
    bytes: () => concat(...pieces),
    aborted: () => isAborted,
  };
}

/** Blobs as a light node retrieves them. */
function sourceOf(node: LightNode): BlobSource {
  return {
    async read(blobId, { signal }) {
      const into = sink();
      await node.retrieve(toHex(blobId), { sink: into, signal });
      return into.bytes();
    },
  };
}

const sha256 = (data: Uint8Array): string => createHash('sha256').update(data).digest('hex');

it('a blob is taken over from its rows, and retrieved whole and verified when they are pruned', {
  timeout: 240_000,
}, async () => {
  const { network } = storing;
  const data = randomBytes(2 * FILE_SEGMENT_BYTES + 70_000);
  const blobs = sourceOf(await light());
  const nodes = await Promise.all([0, 1].map((shardId) => storing.start({ shard: { shardId, numShard: 2 }, blobs })));
  for (const node of nodes) await announce(node);
  const { key, record } = await network.publish(data, RETENTION_BLOCKS, { persist: true });
  const lie = await network.publish(randomBytes(40_000), RETENTION_BLOCKS, { persist: true });
  const gone = await network.publish(5_000, RETENTION_BLOCKS);
  if (record.storedAs === undefined) throw new Error('it was not handed over');
  const raw = await localState(network.chain).get(STORE.storage, storedFileKey(record.storedAs));
  const file = StoredFile.decode(raw ?? new Uint8Array(0));
  expect(file).toMatchObject({ root: fileTreeOf(data, nobleFileHash).root, length: data.length, author: network.publisher });
  // a publisher that says later that its blob is another file: nobody takes that over
  const other = { data: randomBytes(40_000), tree: fileTreeOf(randomBytes(40_000), nobleFileHash) };
  const wrong = { ...other, tree: fileTreeOf(other.data, nobleFileHash) };
  const mended = await network.submitFile(wrong.tree, blobTags(lie.blobId));
  for (const { node } of nodes) await node.untilFinalized(file, NEVER);
  await until(() => nodes.some(({ faults }) => faults.some(({ code }) => code === 'FILE_PROOF')));
  expect(nodes.every(({ log }) => log.status(mended).finalized)).toBe(false);
  // it brings the segments itself
  for (const node of nodes) await storing.upload(node, { sample: wrong, file: mended });
  expect(segmentsOf(wrong)).toHaveLength(1);

  // before the rows are gone they are where a blob comes from
  const early = await light(nodes.map(({ peer }) => peer));
  const fromRows = sink();
  expect(await early.retrieve(key, { sink: fromRows })).toMatchObject({ segments: 0, sha256: sha256(data) });

  await network.untilHeight(gone.record.expiryHeight + 2);
  await until(() => network.members.every(({ node }) => node.stats().storedBytes === 0));
  const late = await light(nodes.map(({ peer }) => peer));
  const into = sink();
  const got = await late.retrieve(key, { sink: into });
  expect(got).toEqual({
    blobId: key,
    length: data.length,
    sha256: sha256(data),
    rows: 0,
    originals: 0,
    segments: 3,
    bytesIn: expect.any(Number),
  });
  expect(sha256(into.bytes())).toBe(sha256(data));

  // a file that is not the blob is not taken for it, whoever stored it
  const bad = sink();
  expect(await codeOfPromise(late.retrieve(lie.key, { sink: bad }))).toBe('COMMITMENT_MISMATCH');
  expect([bad.aborted(), bad.bytes().length]).toEqual([true, 0]);
  expect(late.state.blobs.find(({ blobId }) => blobId === lie.key)?.outcome).not.toBe('badEncoding');

  // and one that was never handed over is over
  expect(await codeOfPromise(late.retrieve(gone.key, { sink: sink() }))).toBe('BLOB_EXPIRED');
});
