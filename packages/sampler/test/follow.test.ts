import { MAX_SAMPLED_BLOBS, MAX_WATCHED_BLOBS, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { type RowLie, startMemberLiar } from '../../../tests/kit/adversaries/liar.ts';
import { refuseRows } from '../../../tests/kit/adversaries/withhold.ts';
import { networkOfFile, ready, testLight, until, withLiar } from './light.ts';

const file = networkOfFile();

it('blobs are sampled as they are recorded, and shown newest first', async () => {
  const { network, key } = file;
  const node = await testLight(network, undefined, { follow: true });
  await until(node, ({ blobs }) => blobs.some((blob) => blob.blobId === key && blob.phase === 'done'));
  const { key: next } = await network.publish();
  const { blobs, rowsVerified } = await until(
    node,
    (state) => state.blobs[0]?.blobId === next && state.blobs[0].phase === 'done',
  );
  expect(blobs.map(({ blobId }) => blobId)).toEqual([next, key]);
  expect(blobs.map(({ verified }) => verified)).toEqual([20, 20]);
  expect(rowsVerified).toBe(40);
  expect(node.state.boot.map(({ name }) => name).sort()).toEqual([
    'connect',
    'header',
    'network',
    'prime',
    'row',
    'state',
    'worker',
  ]);
});

it('a blob that is withheld does not hide the others', async () => {
  const { network } = file;
  let isWithheld = (_blobId: string): boolean => false;
  // busy, not silent: who keeps silent takes a place on the stream for each question
  const rows: RowLie = (honest) => (request, context) =>
    (isWithheld(toHex(request.blobId)) ? refuseRows('busy')(honest) : honest)(request, context);
  for (const member of network.members) await withLiar(startMemberLiar(network, member, { rows }));
  const node = await testLight(network, [network.chainHost], { follow: true });
  await until(node, ({ blobs }) => blobs.length > 0 && blobs.every(({ phase }) => phase === 'done'));
  isWithheld = () => true; // the next is sampled before its name is known here
  const { key: withheld } = await network.publish();
  isWithheld = (blobId) => blobId === withheld;
  await until(node, ({ blobs }) => blobs[0]?.blobId === withheld);
  const { key: other } = await network.publish();
  const { blobs } = await until(node, (state) => state.blobs.some(({ blobId, phase }) => blobId === other && phase === 'done'));
  expect(blobs.map(({ blobId }) => blobId).slice(0, 2)).toEqual([other, withheld]); // by their age, not by their luck
  expect(blobs[0]).toMatchObject({ outcome: 'available', verified: 20 });
  expect(blobs[1]).toMatchObject({ outcome: undefined, verified: 0 });
});

it('blobs that are asked for by name are sampled together, some at a time', async () => {
  const { network, key } = file;
  const keys = [key];
  const more = Array.from({ length: MAX_SAMPLED_BLOBS + 1 }, () => network.publish(1_000));
  for (const published of await Promise.all(more)) keys.push(published.key);
  const node = await ready(await testLight(network));
  let most = 0;
  node.subscribe(({ blobs }) => {
    most = Math.max(most, blobs.filter(({ phase }) => phase !== 'done').length);
  });
  const blobs = await Promise.all([...keys, key].map((each) => node.sample(each)));
  expect(blobs.map(({ verified }) => verified)).toEqual(blobs.map(() => 20));
  expect(most).toBeLessThanOrEqual(MAX_SAMPLED_BLOBS);
  expect(new Set(node.state.blobs.map(({ blobId }) => blobId))).toEqual(new Set(keys));
});

it('a blob that is held stays with its rows, however many newer ones come, and no longer than it is held', {
  timeout: 240_000,
}, async () => {
  const { network } = file;
  const { key } = await network.publish(1_000);
  const node = await ready(await testLight(network)); // its head is later than the block of the blob
  await node.sample(key);
  node.hold(key);
  const sampleNewer = async (): Promise<void> => {
    const published = await Promise.all(Array.from({ length: MAX_WATCHED_BLOBS }, () => network.publish(1_000)));
    const { height } = network.chain.latest();
    await until(node, ({ head }) => (head?.height ?? 0) > height);
    for (const newer of published) await node.sample(newer.key);
  };
  await sampleNewer();
  const held = node.state.blobs.find(({ blobId }) => blobId === key);
  expect(held).toMatchObject({ outcome: 'available', verified: 20 });
  expect(held?.rows).toHaveLength(20);
  expect(node.state.blobs).toHaveLength(MAX_WATCHED_BLOBS);
  node.hold(undefined);
  await sampleNewer();
  expect(node.state.blobs.some(({ blobId }) => blobId === key)).toBe(false);
});
