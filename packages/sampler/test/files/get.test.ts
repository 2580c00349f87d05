import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { FILE_SEGMENT_BYTES, PerigeeError } from '@perigee/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import type { Sample } from '../../../storage/test/files.ts';
import { SegmentFetch } from '../../src/files/get/segment-fetch.ts';
import { download, type FileParts, type GetProgress, readRange } from '../../src/files/index.ts';
import { diskPlace } from '../../src/node.ts';
import { madeSample, StorageNetwork } from './storage-network.ts';

const TEN = await madeSample(9 * FILE_SEGMENT_BYTES + 777);
const { signal } = new AbortController();

let network: StorageNetwork;
beforeEach(() => {
  network = new StorageNetwork();
});
afterEach(() => network.stop());

async function get(
  parts: FileParts,
  file: Parameters<typeof download>[0]['file'],
  path: string,
  stop = signal,
): Promise<GetProgress> {
  const place = await diskPlace(path);
  try {
    const got = await download({ ...parts, file, place, signal: stop });
    await place.finish();
    return got;
  } finally {
    await place.close();
  }
}

const pathOf = (name = 'got'): string => join(temporaryFolder('files-get'), name);
const bytesOf = ({ data }: Sample): Buffer => Buffer.from(data);

async function rangeOf(
  parts: FileParts,
  file: Parameters<typeof readRange>[0]['file'],
  from: number,
  to: number,
): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of readRange({ ...parts, file, range: { from, to }, signal })) pieces.push(piece.slice());
  return Buffer.concat(pieces);
}

describe('a download', () => {
  it('from four sharded nodes is the file, whatever its length', async () => {
    for (let shardId = 0; shardId < 4; shardId++) await network.addNode({ shardId, numShard: 4 });
    const parts = await network.client();
    const segment = FILE_SEGMENT_BYTES;
    for (const length of [1, 255, 256, 257, segment - 1, segment, segment + 1, 600_000]) {
      const sample = await madeSample(length);
      const file = await network.store(sample);
      const path = pathOf();
      await get(parts, file, path);
      expect(readFileSync(path).equals(bytesOf(sample)), `${length} bytes`).toBe(true);
    }
  });

  it('asks nodes that have the same for different segments', async () => {
    const nodes = [await network.addNode(), await network.addNode()];
    const big = await madeSample(24 * FILE_SEGMENT_BYTES);
    const file = await network.store(big);
    const got = await get(await network.client(), file, pathOf());
    expect(got.byPeer.map(([, bytes]) => bytes > 0)).toEqual([true, true]);
    expect(got.bytesIn).toBeLessThan(2 * big.data.length); // what a busy node is late with is asked of the other too
    expect(nodes[0]?.given.length).toBeLessThan(24);
  });

  it('bans who sends flipped bits, and takes the segment elsewhere', async () => {
    await network.addNode({ shardId: 0, numShard: 1 }, (answer) => {
      answer.data[100] = (answer.data[100] ?? 0) ^ 1;
      return answer;
    });
    await network.addNode();
    const file = await network.store(TEN);
    const path = pathOf();
    await get(await network.client(), file, path);
    expect(readFileSync(path).equals(bytesOf(TEN))).toBe(true);
    expect([...network.banned.entries()]).toEqual([[network.nodes[0]?.host.peerId, 'FILE_PROOF']]);
  });

  it('bans who gives one segment twice, and takes the others elsewhere', async () => {
    let first: Parameters<NonNullable<Parameters<StorageNetwork['addNode']>[1]>>[0] | undefined;
    await network.addNode({ shardId: 0, numShard: 1 }, (answer) => {
      if (answer.index === 0) first = { ...answer, data: answer.data.slice() };
      return answer.index === 1 && first !== undefined ? first : answer;
    });
    await network.addNode();
    const file = await network.store(TEN);
    const path = pathOf();
    await get(await network.client(), file, path);
    expect(readFileSync(path).equals(bytesOf(TEN))).toBe(true);
    expect([...network.banned.entries()]).toEqual([[network.nodes[0]?.host.peerId, 'PARSE']]);
  });

  it('asks another node for what a slow one does not give', async () => {
    const slow = await network.addNode({ shardId: 0, numShard: 1 }, () => new Promise(() => {}));
    await network.addNode();
    const file = await network.store(TEN);
    const path = pathOf();
    await get(await network.client(), file, path);
    expect(readFileSync(path).equals(bytesOf(TEN))).toBe(true);
    expect(network.banned.size).toBe(0);
    expect(slow.given).toEqual([]);
  });

  it('goes on where it was ended, and checks again what is there', async () => {
    const [node] = [await network.addNode()];
    const big = await madeSample(32 * FILE_SEGMENT_BYTES + 5);
    const file = await network.store(big);
    const parts = await network.client();
    const path = pathOf();
    const stop = new AbortController();
    const place = await diskPlace(path);
    const first = download({
      ...parts,
      file,
      place,
      signal: stop.signal,
      onProgress: ({ verifiedBytes }) => {
        if (verifiedBytes > 16 * FILE_SEGMENT_BYTES) stop.abort();
      },
    });
    expect(await codeOfPromise(first)).toBe('ABORTED');
    await place.close();
    // one segment of those that are noted rots
    const part = readFileSync(`${path}.part`);
    part.writeUInt8((part.readUInt8(3) + 1) & 0xff, 3);
    writeFileSync(`${path}.part`, part);
    const before = node.given.length;
    const got = await get(parts, file, path);
    expect(readFileSync(path).equals(bytesOf(big))).toBe(true);
    expect(got.resumedBytes).toBeGreaterThan(14 * FILE_SEGMENT_BYTES);
    // different ones: what was under way when it was ended may be given after, and is asked for again
    const given = new Set(node.given.slice(before));
    expect(given.size).toBe(33 - Math.round(got.resumedBytes / FILE_SEGMENT_BYTES));
    expect(given).toContain(0);
  });

  it('asks for no segment that is there between those that it lacks', async () => {
    const node = await network.addNode();
    const file = await network.store(TEN);
    const taken: number[] = [];
    const fetch = new SegmentFetch({
      ...(await network.client()),
      file,
      first: 0,
      count: 10,
      isThere: (index) => index % 3 === 1,
      take: async ({ index }) => void taken.push(index),
      signal,
    });
    await fetch.run();
    expect(taken.sort((a, b) => a - b)).toEqual([0, 2, 3, 5, 6, 8, 9]);
    expect([...node.given].sort((a, b) => a - b)).toEqual(taken);
  });

  it('begins anew where the partial file is of another file', async () => {
    await network.addNode();
    const file = await network.store(TEN);
    const path = pathOf();
    writeFileSync(`${path}.part`, 'something else');
    writeFileSync(`${path}.part.notes`, Buffer.alloc(2_000, 1));
    const got = await get(await network.client(), file, path);
    expect(got.resumedBytes).toBe(0);
    expect(readFileSync(path).equals(bytesOf(TEN))).toBe(true);
  });

  it('from nodes that lack a segment ends with what is missing, once it has waited', async () => {
    await network.addNode({ shardId: 0, numShard: 2 });
    const file = await network.store(TEN);
    const parts = await network.client();
    let now = Date.now();
    const clock = {
      now: () => now,
      sleep: async (ms: number, until?: AbortSignal) => {
        await parts.clock.sleep(Math.min(ms, 5), until);
        now += 400;
      },
    };
    const path = pathOf();
    const place = await diskPlace(path);
    await expect(download({ ...parts, clock, file, place, signal })).rejects.toThrow(PerigeeError);
    expect(await codeOfPromise(download({ ...parts, clock, file, place, signal }))).toBe('NOT_FOUND');
    await place.remove();
  });
});

describe('a range', () => {
  it('takes only the segments that it touches', async () => {
    const node = await network.addNode();
    const file = await network.store(TEN);
    const parts = await network.client();
    const from = 3 * FILE_SEGMENT_BYTES - 10;
    const to = 4 * FILE_SEGMENT_BYTES + 10;
    expect((await rangeOf(parts, file, from, to)).equals(bytesOf(TEN).subarray(from, to))).toBe(true);
    expect(node.given.toSorted((a, b) => a - b)).toEqual([2, 3, 4]);
    expect(await rangeOf(parts, file, 5, 5)).toHaveLength(0);
    const end = TEN.data.length;
    expect((await rangeOf(parts, file, end - 800, end)).equals(bytesOf(TEN).subarray(end - 800))).toBe(true);
    expect(await codeOfPromise(rangeOf(parts, file, end - 1, end + 1))).toBe('INVALID_ARGUMENT');
  });

  it('comes in order, however nodes answer, and may be left', async () => {
    for (let shardId = 0; shardId < 4; shardId++) await network.addNode({ shardId, numShard: 4 });
    const file = await network.store(TEN);
    const parts = await network.client();
    expect((await rangeOf(parts, file, 1, TEN.data.length)).equals(bytesOf(TEN).subarray(1))).toBe(true);
    for await (const piece of readRange({ ...parts, file, range: { from: 0, to: TEN.data.length }, signal })) {
      expect(piece.length).toBe(FILE_SEGMENT_BYTES);
      break;
    }
  });
});
