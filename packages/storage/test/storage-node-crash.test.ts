import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { holdsSegment, verifySegment } from '@perigee/light-core/storage';
import { createHost, type Host, type KnownPeer, open, segmentsProtocol, segmentUploadProtocol } from '@perigee/net';
import {
  FILE_SEGMENT_BYTES,
  FILE_STATUS,
  MAX_SEGMENTS_PER_REQUEST,
  type SegmentAnswer,
  type SegmentUploadAnswer,
  StoredFile,
  toHex,
} from '@perigee/wire';
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { crashRounds, randomOf, startProcess, type TestProcess, temporaryFolder } from '../../../tests/kit/index.ts';
import { FileLedger, fileHash, patiently, type Sample, sampleOf, segmentOf } from './files.ts';

const LONG = process.env.PERIGEE_LONG === '1';
/** Kills in each way, in the long run; fewer for who wants to look quickly. */
const KILLS = Number(process.env.PERIGEE_KILLS ?? 50);
const job = fileURLToPath(new URL('../../../dist/test/jobs/storage-node-crash.job.js', import.meta.url));
/** A node does about seven things to files for a segment of a new file. */
const OPERATIONS = 30;
/** Submissions before each start. */
const FILES = 8;

let host: Host;

beforeAll(async () => {
  host = await createHost({ allowPrivate: true });
});
afterAll(() => host.stop());

interface Submitted {
  readonly sample: Sample;
  readonly file: StoredFile;
  /** Segments that the node said it has. */
  readonly acknowledged: Set<number>;
  finalized: boolean;
}

async function peerOf(child: TestProcess): Promise<KnownPeer> {
  const { peerId, multiaddrs } = await child.ready();
  return { peerId: String(peerId), multiaddrs: multiaddrs as string[] };
}

async function send(peer: KnownPeer, { file }: Submitted, segments: SegmentAnswer[]): Promise<SegmentUploadAnswer> {
  const { txSeq, root, length } = file;
  return patiently(() => open(host, peer, segmentUploadProtocol).callOne({ txSeq, root, length, segments, heldFrom: 0 }));
}

/** Every segment that the node gives of a file, each verified. */
async function served(peer: KnownPeer, { file }: Submitted, indices: readonly number[]): Promise<Set<number>> {
  const found = new Set<number>();
  for (let first = 0; first <= Math.max(-1, ...indices); first += MAX_SEGMENTS_PER_REQUEST) {
    const request = { txSeq: file.txSeq, first, count: MAX_SEGMENTS_PER_REQUEST };
    await patiently(async () => {
      for await (const answer of open(host, peer, segmentsProtocol).call(request)) {
        verifySegment(file, answer, fileHash);
        found.add(answer.index);
      }
    });
  }
  return found;
}

it.each([
  { files: 'as they were left', cut: undefined, rounds: LONG ? KILLS : 1 },
  { files: 'with the last one cut, as a power cut may', cut: 'unsynced', rounds: LONG ? KILLS : 1 },
  { files: 'with the last one cut anywhere', cut: 'any', rounds: LONG ? KILLS : 1 },
] as const)(
  'a node has each segment that it acknowledged, and all of what it calls finalized, after $rounds kills inside writes, files $files',
  { timeout: LONG ? 1_800_000 : 240_000 },
  async ({ cut, rounds }) => {
    const folder = join(temporaryFolder('storage-crash'), 'log');
    mkdirSync(folder);
    const list = join(temporaryFolder('storage-files'), 'files');
    const random = randomOf(onTestFailed);
    const shardId = random.below(2);
    const ledger = new FileLedger();
    const submitted: Submitted[] = [];
    const ours = ({ file, sample }: Submitted): number[] =>
      Array.from({ length: sample.tree.geometry.segments }, (_, index) => index).filter((index) =>
        holdsSegment({ shardId, numShard: 2 }, file.startSector, index),
      );
    let uploading: Promise<void> = Promise.resolve();

    const submitMore = (): void => {
      for (let i = 0; i < FILES; i++) {
        const length = random.chance(0.5) ? random.between(1, 9_000) : random.between(FILE_SEGMENT_BYTES, 2 * FILE_SEGMENT_BYTES);
        const sample = sampleOf(length, `${random.seed} ${submitted.length}`);
        const file = ledger.submit(sample);
        submitted.push({ sample, file, acknowledged: new Set(), finalized: false });
        appendFileSync(list, `${toHex(StoredFile.encode(file))}\n`);
      }
    };

    const upload = async (peer: KnownPeer, one: Submitted): Promise<void> => {
      const { held = new Uint8Array(0) } = await send(peer, one, []);
      for (const index of ours(one)) {
        if (((held[index >> 3] ?? 0) & (1 << (index & 7))) !== 0) continue;
        const { status } = await send(peer, one, [segmentOf(one.sample, index)]);
        one.acknowledged.add(index);
        one.finalized = status === FILE_STATUS.finalized;
      }
    };

    const uploadUntilDeath = async (child: TestProcess): Promise<void> => {
      try {
        const peer = await peerOf(child);
        for (const one of submitted) if (!one.finalized) await upload(peer, one);
        await child.kill(); // it outlived all there was to do
      } catch {
        // it died, as it should; what was lost is looked for after the restart
      }
    };

    const check = async (peer: KnownPeer, some: readonly Submitted[]): Promise<void> => {
      for (const one of some) {
        const { status } = await send(peer, one, []);
        const indices = ours(one);
        const found = await served(peer, one, indices);
        // what the file was cut of anywhere, flushed or not, may be gone: then it is not called finalized
        if (cut !== 'any')
          for (const index of one.acknowledged) expect(found.has(index), `segment ${index} of ${one.file.txSeq}`).toBe(true);
        if (cut !== 'any' && one.finalized) expect(status).toBe(FILE_STATUS.finalized);
        if (status === FILE_STATUS.finalized) expect([...found].sort()).toEqual([...indices].sort());
      }
    };

    const afterRestart = async (act: (peer: KnownPeer) => Promise<void>): Promise<void> => {
      const child = startProcess(job, [folder, list, `${shardId}`]);
      try {
        await act(await peerOf(child));
      } finally {
        await child.kill();
      }
      if (cut !== 'any') expect(child.stdout()).not.toContain('FAULT');
    };

    const tally = await crashRounds({
      rounds,
      folder,
      within: OPERATIONS,
      random,
      cut,
      start: (env) => {
        submitMore();
        const child = startProcess(job, [folder, list, `${shardId}`], { env });
        uploading = uploadUntilDeath(child);
        return child;
      },
      check: async () => {
        await uploading;
        await afterRestart(async (peer) => {
          const unfinished = submitted.filter(({ finalized }) => !finalized);
          await check(peer, [...submitted.slice(-2 * FILES), ...unfinished]);
          // what was cut off goes on
          const [first] = unfinished;
          if (first !== undefined) await upload(peer, first);
        });
      },
    });
    await afterRestart(async (peer) => {
      await check(peer, submitted);
      for (const one of submitted) await upload(peer, one);
      for (const one of submitted) expect((await send(peer, one, [])).status).toBe(FILE_STATUS.finalized);
      await check(peer, submitted);
    });
    console.log(
      `kills of a storage node, files ${cut ?? 'not'} cut: ${JSON.stringify(tally)}, ${submitted.length} files, seed ${random.seed}`,
    );
    expect(tally.kills).toBe(rounds);
  },
);
