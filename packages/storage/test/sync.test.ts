import type { Clock } from '@perigee/light-core/roles';
import { holdsSegment, type Shard } from '@perigee/light-core/storage';
import { segmentsProtocol, segmentUploadProtocol, serve, systemClock } from '@perigee/net';
import {
  FILE_SEGMENT_BYTES,
  FILE_STATUS,
  MAX_IN_FLIGHT,
  type SegmentAnswer,
  type SegmentsRequest,
  SYNC_PATIENCE_MS,
  SYNC_RETRY_MS,
} from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { temporaryFolder } from '../../../tests/kit/index.ts';
import type { SegmentPeer } from '../src/node/index.ts';
import { briefly, segmentOf, segmentsOf } from './files.ts';
import { peerOf, type Storing, StoringNetwork, type Submitted, until } from './storing.ts';

const ALL: Shard = { shardId: 0, numShard: 1 };
const NEVER = new AbortController().signal;

const storing = new StoringNetwork();

async function read(from: Storing, { sample, file }: Submitted): Promise<void> {
  for (const index of segmentsOf(sample).keys()) {
    if (!holdsSegment(from.log.shard, file.startSector, index)) continue;
    expect(briefly(await from.log.read(file.txSeq, index))).toEqual(briefly(segmentOf(sample, index)));
  }
}

/** A peer that answers requests for segments as it likes. */
async function rogue(
  answer: (request: SegmentsRequest, signal: AbortSignal) => AsyncIterable<SegmentAnswer>,
  shard = ALL,
): Promise<SegmentPeer> {
  const host = await storing.host();
  await serve(host, segmentsProtocol, (request, { signal }) => answer(request, signal));
  await serve(host, segmentUploadProtocol, async () => ({ status: FILE_STATUS.open, missing: 0, ...shard }));
  return peerOf(host);
}

describe('a node fetches what nobody brings', () => {
  it('from nodes of other shards together, each of its own part, and of several files at once', async () => {
    const two = [
      await storing.start({ shard: { shardId: 0, numShard: 2 } }),
      await storing.start({ shard: { shardId: 1, numShard: 2 } }),
    ];
    const files = [await storing.submit(5), await storing.submit(0), await storing.submit(3)];
    for (const one of files) for (const node of two) await storing.upload(node, one);
    const peers = two.map(({ peer }) => peer);
    const all = await storing.start({ peers });
    const quarter = await storing.start({ peers, shard: { shardId: 3, numShard: 4 } });
    for (const { file } of files) await Promise.all([all, quarter].map(({ node }) => node.untilFinalized(file, NEVER)));
    for (const one of files) await Promise.all([read(all, one), read(quarter, one)]);
    expect([...all.faults, ...quarter.faults]).toEqual([]);
    expect(all.log.unfinished(9)).toEqual([]);
    await until(() => all.node.stats().sync.files === 0);
    const fetched = files.reduce((sum, { sample }) => sum + sample.tree.geometry.segments, 0);
    expect(all.node.stats().sync).toMatchObject({ fetched, segments: 0 });
  });

  it('refuses what does not verify, bans who sent it, and takes it elsewhere', async () => {
    const honest = await storing.start();
    const one = await storing.submit(6);
    await storing.upload(honest, one);
    const forged: ((answer: SegmentAnswer) => SegmentAnswer)[] = [
      ({ data, ...rest }) => ({ ...rest, data: data.map((byte, i) => (i === 77 ? byte ^ 1 : byte)) }),
      ({ index, ...rest }) => ({ ...rest, index: index + 40 }),
      ({ data, ...rest }) => ({ ...rest, data: data.subarray(256) }),
    ];
    const liars = await Promise.all(
      forged.map((forge) =>
        rogue(async function* ({ first }) {
          yield forge(segmentOf(one.sample, first));
        }),
      ),
    );
    const node = await storing.start({ peers: [...liars, honest.peer] });
    await node.node.untilFinalized(one.file, NEVER);
    await read(node, one);
    const { banned } = node.node.stats().sync;
    const codes = liars.map(({ peerId }) => banned.get(peerId)).filter((code) => code !== undefined);
    expect(codes.length).toBeGreaterThan(0);
    for (const code of codes) expect(['FILE_PROOF', 'SEGMENT_INDEX', 'SEGMENT_SIZE']).toContain(code);
    expect(banned.has(honest.peer.peerId)).toBe(false);
    expect(node.faults.map(({ data }) => data?.peerId).sort()).toEqual([...banned.keys()].sort());
  });

  it('asks another peer when one stalls, and never has more than its bound on the way', async () => {
    const honest = await storing.start();
    const one = await storing.submit(5);
    await storing.upload(honest, one);
    let asked = 0;
    let most = 0;
    const stalling = await rogue(async function* (_, signal) {
      asked += 1;
      most = Math.max(most, asked);
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      asked -= 1;
      yield* [];
    });
    const node = await storing.start({ peers: [stalling, honest.peer] });
    await node.node.untilFinalized(one.file, NEVER);
    await read(node, one);
    expect(most).toBeGreaterThan(0);
    expect(most).toBeLessThanOrEqual(MAX_IN_FLIGHT);
    expect(node.node.stats().sync.banned.size).toBe(0);
    await until(() => asked === 0); // who stalls was told to stop
  });

  it('waits for who uploads, backs off when nobody has it, and takes it as soon as somebody has', async () => {
    const peers: SegmentPeer[] = [];
    let asked = 0;
    const one = await storing.submit(2);
    const empty = await rogue(async function* ({ txSeq }) {
      if (txSeq === one.file.txSeq) asked += 1;
      yield* [];
    });
    peers.push(empty);
    let nowMs = 1_000_000;
    let looks = 0;
    const clock: Clock = {
      now: () => nowMs,
      sleep: async (ms, signal) => {
        looks += 1;
        await systemClock.sleep(Math.min(ms, 10), signal);
      },
    };
    const node = await storing.start({ peers, patienceMs: SYNC_PATIENCE_MS, clock });
    const someLooks = async (): Promise<void> => {
      const from = looks;
      await until(() => looks >= from + 10);
    };
    await until(() => node.log.get(one.file.txSeq) !== undefined);
    await someLooks();
    await storing.upload(node, one, [1]);
    nowMs += SYNC_PATIENCE_MS - 1;
    await someLooks();
    expect(asked).toBe(0);
    nowMs += SYNC_PATIENCE_MS;
    const over = (): boolean => node.node.stats().sync.files === 0;
    await until(() => asked === 2 && over()); // the first, and the last
    for (let pause = SYNC_RETRY_MS, due = 4; due <= 8; pause *= 2, due += 2) {
      nowMs += pause - 1;
      await someLooks();
      expect(asked).toBe(due - 2);
      nowMs += 1;
      await until(() => asked === due && over());
    }
    expect(node.log.unfinished(99).map(({ txSeq }) => txSeq)).toContain(one.file.txSeq);
    const honest = await storing.start();
    await storing.upload(honest, one);
    peers.push(honest.peer);
    await node.node.untilFinalized(one.file, NEVER);
    await read(node, one);
  });

  it('goes on after a stop where it was, and takes again what was damaged', async () => {
    const honest = await storing.start();
    const one = await storing.submit(7);
    await storing.upload(honest, one, [0, 2, 4]);
    const dir = temporaryFolder('sync');
    const first = await storing.start({ peers: [honest.peer], dir });
    await until(() => first.node.stats().sync.fetched === 3);
    expect(await codeOfPromise(first.node.untilFinalized(one.file, AbortSignal.timeout(50)))).toBe('TIMEOUT');
    await first.stop();
    await storing.upload(honest, one);
    const second = await storing.start({ peers: [honest.peer], dir });
    await second.node.untilFinalized(one.file, NEVER);
    await until(() => second.node.stats().sync.fetched === 5);
    await read(second, one);
  });

  it('says that the disk is full, and asks for nothing that does not fit', async () => {
    const honest = await storing.start();
    const [small, large] = [await storing.submit(1), await storing.submit(9)];
    for (const one of [small, large]) await storing.upload(honest, one);
    const node = await storing.start({ peers: [honest.peer], budgetBytes: 4 * FILE_SEGMENT_BYTES });
    await node.node.untilFinalized(small.file, NEVER);
    await until(() => node.faults.some(({ code }) => code === 'STORE_FULL'));
    expect(node.log.status(large.file)).toEqual({ finalized: false, missing: 10 });
    await read(node, small);
  });

  it('says so at once, also while another file is on its way', async () => {
    const [small, large] = [await storing.submit(0), await storing.submit(9, 701)];
    const stalling = await rogue(async function* (_, signal) {
      await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      yield* [];
    });
    const node = await storing.start({ peers: [stalling], budgetBytes: 4 * FILE_SEGMENT_BYTES });
    await until(() => node.faults.some(({ code, data }) => code === 'STORE_FULL' && data?.bytes === large.file.length));
    expect(node.node.stats().sync.files).toBeGreaterThan(0);
    expect(node.log.status(small.file).finalized).toBe(false);
  });
});
