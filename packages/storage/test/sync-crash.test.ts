import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { flowAfter, holdsSegment, nobleFileHash, type Shard, verifySector, verifySegment } from '@perigee/light-core/storage';
import {
  createHost,
  type Host,
  type KnownPeer,
  open,
  sectorsProtocol,
  segmentsProtocol,
  segmentUploadProtocol,
  systemClock,
} from '@perigee/net';
import { FILE_SEGMENT_BYTES, FILE_STATUS, MAX_SEGMENTS_PER_REQUEST, StoredFile, toHex } from '@perigee/wire';
import { afterAll, beforeAll, expect, it, onTestFailed } from 'vitest';
import { crashRounds, randomOf, startProcess, type TestProcess, temporaryFolder } from '../../../tests/kit/index.ts';
import { createStorageNode, FileLog, type StorageNode } from '../src/node/index.ts';
import { FileLedger, patiently, sampleOf, segmentsOf } from './files.ts';

const LONG = process.env.PERIGEE_LONG === '1';
/** Kills in each way, in the long run; fewer for who wants to look quickly. */
const KILLS = Number(process.env.PERIGEE_KILLS ?? 50);
const job = fileURLToPath(new URL('../../../dist/test/jobs/storage-node-crash.job.js', import.meta.url));
/** What a node does to files while it starts and fetches a few segments. */
const OPERATIONS = 24;
/** Submissions before each start. */
const FILES = 6;
const HALF: Shard = { shardId: 1, numShard: 2 };

let host: Host;
let log: FileLog;
let node: StorageNode;
let ledger: FileLedger;

beforeAll(async () => {
  host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  const shard = { shardId: 0, numShard: 1 };
  log = await FileLog.open({ dir: temporaryFolder('sync-source'), shard, budgetBytes: 2 ** 40, hash: nobleFileHash });
  ledger = new FileLedger();
  node = await createStorageNode({ host, state: ledger, log, clock: systemClock, hash: nobleFileHash });
});
afterAll(async () => {
  await node.stop();
  await log.close();
  await host.stop();
});

async function peerOf(child: TestProcess): Promise<KnownPeer> {
  const { peerId, multiaddrs } = await child.ready();
  return { peerId: String(peerId), multiaddrs: multiaddrs as string[] };
}

/** Whether a node calls a file finalized; and then it gives each segment of its shard, verified, and proves a sector of it. */
async function isWhole(peer: KnownPeer, file: StoredFile): Promise<boolean> {
  const { txSeq, root, length } = file;
  const question = { txSeq, root, length, segments: [], heldFrom: 0 };
  const { status } = await patiently(() => open(host, peer, segmentUploadProtocol).callOne(question));
  if (status !== FILE_STATUS.finalized) return false;
  const due: number[] = [];
  for (let index = 0; index * FILE_SEGMENT_BYTES < length; index++)
    if (holdsSegment(HALF, file.startSector, index)) due.push(index);
  const found: number[] = [];
  for (let first = 0; due.length > 0 && first <= Math.max(...due); first += MAX_SEGMENTS_PER_REQUEST) {
    const request = { txSeq, first, count: MAX_SEGMENTS_PER_REQUEST };
    await patiently(async () => {
      for await (const answer of open(host, peer, segmentsProtocol).call(request)) {
        verifySegment(file, answer, nobleFileHash);
        found.push(answer.index);
      }
    });
  }
  expect(found, `segments of submission ${txSeq}`).toEqual(due);
  return true;
}

it('a node that is killed inside its writes while it fetches has all that it calls finalized, goes on where it was, and ends with everything', {
  timeout: LONG ? 1_800_000 : 240_000,
}, async () => {
  const rounds = LONG ? KILLS : 1;
  const folder = join(temporaryFolder('sync-crash'), 'log');
  mkdirSync(folder);
  const list = join(temporaryFolder('sync-files'), 'files');
  const random = randomOf(onTestFailed);
  const source = JSON.stringify({ peerId: host.peerId, multiaddrs: host.multiaddrs() });
  const words = [folder, list, `${HALF.shardId}`, source];
  const files: StoredFile[] = [];

  const submitMore = async (): Promise<void> => {
    for (let i = 0; i < FILES; i++) {
      const length = random.chance(0.5) ? random.between(1, 9_000) : random.between(FILE_SEGMENT_BYTES, 3 * FILE_SEGMENT_BYTES);
      const sample = sampleOf(length, `${random.seed} ${files.length}`);
      const file = ledger.submit(sample);
      files.push(file);
      appendFileSync(list, `${toHex(StoredFile.encode(file))}\n`);
      await log.add(file);
      await log.write(file.txSeq, segmentsOf(sample));
    }
  };

  const afterRestart = async (act: (peer: KnownPeer) => Promise<void>): Promise<void> => {
    const child = startProcess(job, words);
    try {
      await act(await peerOf(child));
    } finally {
      await child.kill();
    }
    expect(child.stdout()).not.toContain('FAULT');
  };

  /** A node that has all there is to fetch comes to no operation any more. */
  const endWhenWhole = async (child: TestProcess): Promise<void> => {
    try {
      const peer = await peerOf(child);
      for (const file of files.slice(-FILES)) while (!(await isWhole(peer, file))) await systemClock.sleep(50);
      await child.kill();
    } catch {
      // it died, as it should
    }
  };

  let whole = 0;
  let watching: Promise<void> = Promise.resolve();
  const tally = await crashRounds({
    rounds,
    folder,
    within: OPERATIONS,
    random,
    cut: 'unsynced',
    start: async (env) => {
      await submitMore();
      const child = startProcess(job, words, { env });
      watching = endWhenWhole(child);
      return child;
    },
    check: async () => {
      await watching;
      await afterRestart(async (peer) => {
        for (const file of files.slice(-3 * FILES)) if (await isWhole(peer, file)) whole += 1;
      });
    },
  });
  await afterRestart(async (peer) => {
    for (const file of files) while (!(await isWhole(peer, file))) await systemClock.sleep(100);
    const last = files.at(-1);
    const own = files.findLast(({ startSector, length }) => length <= FILE_SEGMENT_BYTES && holdsSegment(HALF, startSector, 0));
    if (last === undefined || own === undefined) return;
    const flow = flowAfter(last);
    const { data, proof } = await open(host, peer, sectorsProtocol).callOne({ sector: own.startSector, flowRoot: flow.root });
    verifySector(flow, own.startSector, data, proof, nobleFileHash);
  });
  console.log(
    `kills of a node that fetches: ${JSON.stringify(tally)}, ${files.length} files, ${whole} whole in between, seed ${random.seed}`,
  );
  expect(tally.kills).toBe(rounds);
});
