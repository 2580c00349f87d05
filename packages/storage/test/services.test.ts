import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileTreeOf, holdsSegment, nobleFileHash, type Shard, Submissions } from '@perigee/light-core/storage';
import { createHost, type Host, open, segmentsProtocol, segmentUploadProtocol, systemClock } from '@perigee/net';
import {
  FILE_SEGMENT_BYTES,
  FILE_STATUS,
  FILE_UPLOAD_IDLE_MS,
  MAX_OPEN_FILE_UPLOADS_PER_PEER,
  MAX_SEGMENT_REQUESTS,
  MAX_WAITING_BYTES_PER_PEER,
  MAX_WAITING_FILE_BYTES,
  MAX_WAITING_FILES_BYTES,
  type PerigeeError,
  type SegmentAnswer,
  type SegmentsRequest,
  type SegmentUploadRequest,
  utf8,
  WAITING_FILE_MS,
} from '@perigee/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { FileLog } from '../src/log/file-log.ts';
import { WaitingFiles } from '../src/log/waiting-files.ts';
import { createStorageNode } from '../src/node/index.ts';
import { SegmentUploadService } from '../src/node/segment-upload-service.ts';
import { SegmentsService } from '../src/node/segments-service.ts';
import { SubmissionFollower } from '../src/node/submission-follower.ts';
import { UploadRoom } from '../src/node/upload-room.ts';
import { briefly, FileLedger, type Sample, sampleOf, segmentOf, segmentsOf } from './files.ts';

const KIB = 1024;
const ALL: Shard = { shardId: 0, numShard: 1 };
const FOUR = sampleOf(3 * FILE_SEGMENT_BYTES + 700);
const SMALL = sampleOf(600);
const { signal } = new AbortController();
const from = { peerId: 'uploader', signal };
const asker = { peerId: 'reader', remoteAddress: '/ip4/203.0.113.1/tcp/1', signal };

let dir: string;
let ledger: FileLedger;
let log: FileLog;
let waiting: WaitingFiles;
let uploads: SegmentUploadService;
let segments: SegmentsService;
let follower: SubmissionFollower;
let faults: PerigeeError[];
let nowMs: number;

async function start({ shard = ALL, budgetBytes = 2 ** 30 } = {}): Promise<void> {
  const clock = { now: () => nowMs, sleep: async () => {} };
  const onFault = (error: PerigeeError): void => void faults.push(error);
  log = await FileLog.open({ dir, shard, budgetBytes, hash: nobleFileHash, onFault });
  waiting = new WaitingFiles(nobleFileHash, clock);
  const submissions = new Submissions(ledger);
  uploads = new SegmentUploadService({ log, waiting, submissions, room: new UploadRoom(log, clock) });
  segments = new SegmentsService(log);
  follower = new SubmissionFollower({ log, waiting, submissions, onFault });
  ledger.onHead(() => follower.onHead());
}

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perigee-storage-'));
  ledger = new FileLedger();
  ledger.advance();
  faults = [];
  nowMs = 1_000_000;
});
afterEach(async () => {
  await log.close();
  await rm(dir, { recursive: true });
});

const head = async (): Promise<void> => {
  ledger.advance();
  await follower.idle();
};
const requestOf = (sample: Sample, some: readonly SegmentAnswer[] = [], txSeq?: number): SegmentUploadRequest => ({
  ...(txSeq === undefined ? {} : { txSeq }),
  root: sample.tree.root,
  length: sample.data.length,
  segments: [...some],
  heldFrom: 0,
});
const upload = (request: SegmentUploadRequest, peerId = from.peerId) => uploads.answer(request, { peerId, signal });
const read = async (request: SegmentsRequest): Promise<unknown[]> => {
  const answers: unknown[] = [];
  for await (const answer of segments.answer(request, asker)) answers.push(briefly(answer));
  return answers;
};

describe('uploads', () => {
  it('are finalized when every segment was taken, and what is held is told', async () => {
    await start();
    const { txSeq } = ledger.submit(FOUR);
    const place = { txSeq, shardId: 0, numShard: 1 };
    const four = segmentsOf(FOUR);
    expect(await upload(requestOf(FOUR))).toEqual({ status: FILE_STATUS.open, missing: 4, held: Uint8Array.of(0), ...place });
    expect(await upload(requestOf(FOUR, four.slice(1, 3)))).toEqual({ status: FILE_STATUS.open, missing: 2, ...place });
    expect(await upload(requestOf(FOUR, [], txSeq))).toMatchObject({ missing: 2, held: Uint8Array.of(0b0110) });
    expect(await upload({ ...requestOf(FOUR), heldFrom: 2 })).toMatchObject({ held: Uint8Array.of(0b01) });
    expect(await upload({ ...requestOf(FOUR), heldFrom: 2 ** 50 })).toMatchObject({ held: new Uint8Array(0) });
    expect(await upload(requestOf(FOUR, four))).toEqual({ status: FILE_STATUS.finalized, missing: 0, ...place });
    expect(await upload(requestOf(FOUR, four))).toMatchObject({ status: FILE_STATUS.finalized });
    expect(await read({ txSeq, first: 0, count: 4 })).toEqual(four.map(briefly));
  });

  it('ask the chain once for a submission that is named', async () => {
    await start();
    const { txSeq } = ledger.submit(FOUR);
    await upload(requestOf(FOUR, [segmentOf(FOUR, 0)], txSeq));
    const { questions } = ledger;
    await upload(requestOf(FOUR, [segmentOf(FOUR, 1)], txSeq));
    expect(ledger.questions).toBe(questions);
    ledger.broken = true;
    expect(await codeOfPromise(upload(requestOf(FOUR, [segmentOf(FOUR, 2)])))).toBe('UNREACHABLE');
    expect(await codeOfPromise(upload(requestOf(FOUR, [segmentOf(FOUR, 2)], txSeq)))).toBe('none');
  });

  it('go to the file without tags, else to the latest of this root and length', async () => {
    await start();
    ledger.submit(SMALL, utf8('one'));
    const { txSeq } = ledger.submit(SMALL, utf8('two'));
    expect(await upload(requestOf(SMALL))).toMatchObject({ txSeq });
    const plain = ledger.submit(SMALL);
    ledger.submit(SMALL, utf8('three'));
    expect(await upload(requestOf(SMALL))).toMatchObject({ txSeq: plain.txSeq });
    // of another length nothing was submitted
    expect(await upload({ ...requestOf(SMALL), length: 601 })).toMatchObject({ status: FILE_STATUS.waiting });
  });

  it('are refused when they are not what the chain says', async () => {
    await start();
    const { txSeq } = ledger.submit(FOUR);
    const other = sampleOf(FOUR.data.length, 'other');
    const small = ledger.submit(SMALL);
    const segment = segmentOf(FOUR, 1);
    const bad: [SegmentUploadRequest, string][] = [
      [requestOf(FOUR, [segment], 99), 'NOT_FOUND'],
      [requestOf(other, [segmentOf(other, 1)], txSeq), 'REFUSED'],
      [requestOf(FOUR, [segment], small.txSeq), 'REFUSED'],
      [{ ...requestOf(FOUR, [segment], txSeq), length: FOUR.data.length + 1 }, 'REFUSED'],
      [{ ...requestOf(FOUR, [segment]), length: 0 }, 'INVALID_ARGUMENT'],
      [{ ...requestOf(FOUR, [segment]), length: 2 ** 50 }, 'INVALID_ARGUMENT'],
      [requestOf(FOUR, [segmentOf(other, 1)]), 'FILE_PROOF'],
      [requestOf(FOUR, [{ ...segment, index: 2 }]), 'FILE_PROOF'],
      [requestOf(FOUR, [{ ...segment, index: 4 }]), 'SEGMENT_INDEX'],
      [requestOf(FOUR, [{ ...segment, data: segment.data.subarray(0, -256) }]), 'SEGMENT_SIZE'],
      // a file that nobody submitted may wait, but not with what is not of it
      [requestOf(other, [segment]), 'FILE_PROOF'],
      [{ ...requestOf(FOUR), length: MAX_WAITING_FILE_BYTES + 1 }, 'NOT_FOUND'],
    ];
    for (const [request, code] of bad) expect(await codeOfPromise(upload(request))).toBe(code);
    expect(await upload(requestOf(FOUR))).toMatchObject({ missing: 4 });
    expect([log.usedBytes, waiting.count]).toEqual([0, 0]);
  });

  it('of another shard are refused, and those of a file that the shard has nothing of are not wanted', async () => {
    const shard = { shardId: 1, numShard: 2 };
    await start({ shard });
    const small = ledger.submit(SMALL);
    const file = ledger.submit(FOUR);
    expect(holdsSegment(shard, small.startSector, 0)).toBe(false);
    expect(await upload(requestOf(SMALL))).toMatchObject({
      status: FILE_STATUS.finalized,
      missing: 0,
      held: Uint8Array.of(1),
      ...shard,
    });
    expect(await codeOfPromise(upload(requestOf(SMALL, [segmentOf(SMALL, 0)])))).toBe('REFUSED');
    const ours = segmentsOf(FOUR).filter(({ index }) => holdsSegment(shard, file.startSector, index));
    expect(ours).toHaveLength(2);
    expect(await codeOfPromise(upload(requestOf(FOUR, segmentsOf(FOUR))))).toBe('REFUSED');
    expect(await upload(requestOf(FOUR))).toMatchObject({ missing: 2 });
    expect(await upload(requestOf(FOUR, ours))).toMatchObject({ status: FILE_STATUS.finalized });
    expect(await read({ txSeq: file.txSeq, first: 0, count: 4 })).toEqual(ours.map(briefly));
  });

  it('hold room that one peer cannot take all of, and give it back when they are idle, refused or over', async () => {
    await start({ budgetBytes: 24 * FILE_SEGMENT_BYTES });
    const files = Array.from({ length: MAX_OPEN_FILE_UPLOADS_PER_PEER + 1 }, (_, i) => sampleOf(FILE_SEGMENT_BYTES + 300, i));
    for (const sample of files) ledger.submit(sample);
    const last = files.at(-1) ?? FOUR;
    for (const sample of files.slice(0, -1)) await upload(requestOf(sample, [segmentOf(sample, 1)]));
    expect(await codeOfPromise(upload(requestOf(last, [segmentOf(last, 1)])))).toBe('BUSY');
    expect(await codeOfPromise(upload(requestOf(last, [segmentOf(last, 1)]), 'another'))).toBe('none');
    await upload(requestOf(files[0] ?? FOUR, [segmentOf(files[0] ?? FOUR, 0)])); // over
    expect(await codeOfPromise(upload(requestOf(last, [segmentOf(last, 0)])))).toBe('none');
    const bad = { ...segmentOf(FOUR, 1), index: 0 };
    ledger.submit(FOUR);
    for (let i = 0; i < 3; i++) expect(await codeOfPromise(upload(requestOf(FOUR, [bad])))).toBe('FILE_PROOF');
    expect(await codeOfPromise(upload(requestOf(FOUR, [segmentOf(FOUR, 0)])))).toBe('none');
    nowMs += FILE_UPLOAD_IDLE_MS + 1;
    for (const sample of files) await upload(requestOf(sample, [segmentOf(sample, 0)]));
  });

  it('are refused where those under way would not find room any more', async () => {
    await start({ budgetBytes: 6 * FILE_SEGMENT_BYTES });
    const other = sampleOf(FOUR.data.length, 'other');
    ledger.submit(FOUR);
    ledger.submit(other);
    await upload(requestOf(FOUR, [segmentOf(FOUR, 0)]), 'one');
    expect(await codeOfPromise(upload(requestOf(other, [segmentOf(other, 0)]), 'two'))).toBe('STORE_FULL');
    await upload(requestOf(FOUR, segmentsOf(FOUR)), 'one');
    expect(await upload(requestOf(FOUR))).toMatchObject({ status: FILE_STATUS.finalized });
    expect(await codeOfPromise(upload(requestOf(other, [segmentOf(other, 0)]), 'two'))).toBe('STORE_FULL');
  });
});

describe('files before their submission', () => {
  it('wait, and are taken in when the chain tells of them', async () => {
    await start();
    expect(await upload(requestOf(FOUR, segmentsOf(FOUR).slice(0, 3)))).toEqual({
      status: FILE_STATUS.waiting,
      missing: 1,
      ...ALL,
    });
    expect(await upload(requestOf(FOUR))).toMatchObject({ status: FILE_STATUS.waiting, held: Uint8Array.of(0b0111) });
    const file = ledger.submit(FOUR);
    await head();
    expect(log.status(file)).toEqual({ finalized: false, missing: 1 });
    expect([waiting.count, waiting.bytes]).toEqual([0, 0]);
    await upload(requestOf(FOUR, [segmentOf(FOUR, 3)]));
    expect(await read({ root: FOUR.tree.root, first: 0, count: 4 })).toEqual(segmentsOf(FOUR).map(briefly));
    expect(faults).toEqual([]);
  });

  it('that the chain told of while they came are taken in at once', async () => {
    await start();
    const get = ledger.get.bind(ledger);
    let asked = 0;
    ledger.get = async (store, key) => {
      const value = await get(store, key);
      // the submission is recorded, and followed, right after it was asked for
      if (++asked === 2) {
        ledger.submit(SMALL);
        await head();
      }
      return value;
    };
    expect(await upload(requestOf(SMALL, segmentsOf(SMALL)))).toMatchObject({ status: FILE_STATUS.finalized, txSeq: 0 });
    expect(waiting.count).toBe(0);
  });

  it('are bounded in time, and in bytes by peer and in all', async () => {
    await start();
    const size = 3 * 1_024 * KIB;
    // files of as many chunks, and of the same root where the last one ends in zeros
    const data = sampleOf(size)
      .data.slice()
      .fill(0, size - 256);
    const sample = { data, tree: fileTreeOf(data, nobleFileHash) };
    const put = (i: number, peerId: string) =>
      codeOfPromise(upload({ ...requestOf(sample, [segmentOf(sample, 11)]), length: size - i }, peerId));
    const perPeer = Math.floor(MAX_WAITING_BYTES_PER_PEER / size);
    for (let i = 0; i < perPeer; i++) expect(await put(i, 'one')).toBe('none');
    expect(await put(perPeer, 'one')).toBe('BUSY');
    expect(await put(0, 'one')).toBe('none');
    const inAll = Math.floor(MAX_WAITING_FILES_BYTES / size);
    for (let i = perPeer; i < inAll; i++) expect(await put(i, `peer ${i}`)).toBe('none');
    expect(await put(inAll, 'the last')).toBe('BUSY');
    expect([waiting.count, waiting.bytes]).toEqual([inAll, inAll * size]);
    nowMs += WAITING_FILE_MS;
    expect(await put(inAll, 'the last')).toBe('none');
    expect(waiting.count).toBe(1);
  });

  it('are not promised: on a full disk they are told as a fault, and the chain is followed all the same', async () => {
    await start({ budgetBytes: 2 * FILE_SEGMENT_BYTES });
    await upload(requestOf(FOUR, segmentsOf(FOUR)));
    const file = ledger.submit(FOUR);
    ledger.submit(SMALL);
    await head();
    expect(faults.map(({ code }) => code)).toEqual(['STORE_FULL']);
    expect(log.status(file)).toEqual({ finalized: false, missing: 4 });
    expect(log.nextTxSeq).toBe(2);
  });
});

describe('following the chain', () => {
  it('looks at each submission once, across restarts, and tells what is unfinished', async () => {
    await start();
    const samples = [SMALL, FOUR, sampleOf(5_000)];
    for (const sample of samples) ledger.submit(sample);
    await head();
    expect([log.nextTxSeq, log.unfinished(9).length, log.unfinished(2).length]).toEqual([3, 3, 2]);
    await log.close();
    await start();
    const { questions } = ledger;
    await head();
    expect([log.nextTxSeq, log.unfinished(9).length]).toEqual([3, 3]);
    expect(ledger.questions - questions).toBeLessThanOrEqual(2); // two follow: that of the log before too
    ledger.broken = true;
    ledger.submit(sampleOf(70_000));
    await head();
    expect(log.nextTxSeq).toBe(3);
    expect(faults.map(({ code }) => code)).toContain('UNREACHABLE');
    ledger.broken = false;
    await head();
    expect(log.nextTxSeq).toBe(4);
  });
});

describe('serving', () => {
  it('gives what is here, in order, and refuses what names no file, or two', async () => {
    await start();
    const { txSeq } = ledger.submit(FOUR);
    const { root } = FOUR.tree;
    expect(await codeOfPromise(read({ txSeq, first: 0, count: 1 }))).toBe('NOT_FOUND');
    await upload(requestOf(FOUR, [segmentOf(FOUR, 1), segmentOf(FOUR, 3)]));
    expect(await read({ root, first: 0, count: 4 })).toEqual([1, 3].map((index) => briefly(segmentOf(FOUR, index))));
    expect(await read({ txSeq, first: 3, count: 4 })).toEqual([briefly(segmentOf(FOUR, 3))]);
    expect(await read({ txSeq, first: 2 ** 52, count: 4 })).toEqual([]);
    expect(await codeOfPromise(read({ txSeq, root, first: 0, count: 1 }))).toBe('INVALID_ARGUMENT');
    expect(await codeOfPromise(read({ first: 0, count: 1 }))).toBe('INVALID_ARGUMENT');
    expect(await codeOfPromise(read({ root: new Uint8Array(32), first: 0, count: 1 }))).toBe('NOT_FOUND');
  });

  it('by a root gives segments of the length that the state names for it: the latest', async () => {
    await start();
    // a root does not cover the length: zeros of 17 and of 18 chunks have the same, and segments of another size
    const [long, short] = [18, 17].map((chunks) => {
      const data = new Uint8Array(chunks * 256);
      return { data, tree: fileTreeOf(data, nobleFileHash) };
    });
    if (long === undefined || short === undefined) throw new Error('no samples');
    expect(short.tree.root).toEqual(long.tree.root);
    const request = { root: short.tree.root, first: 0, count: 1 };
    const first = ledger.submit(long);
    await upload(requestOf(long, segmentsOf(long)));
    expect(await read(request)).toEqual([briefly(segmentOf(long, 0))]);
    ledger.submit(short);
    await head();
    expect(await read(request)).toEqual([]);
    await upload(requestOf(short, segmentsOf(short)));
    expect(await read(request)).toEqual([briefly(segmentOf(short, 0))]);
    expect(await read({ txSeq: first.txSeq, first: 0, count: 1 })).toEqual([briefly(segmentOf(long, 0))]);
  });

  it('gives a segment from whichever submission of the file has it', async () => {
    await start();
    const { txSeq } = ledger.submit(SMALL);
    ledger.submit(SMALL, utf8('again'));
    await head();
    await upload(requestOf(SMALL, segmentsOf(SMALL), txSeq));
    expect(await read({ root: SMALL.tree.root, first: 0, count: 1 })).toEqual([briefly(segmentOf(SMALL, 0))]);
  });

  it('answers a number of requests at once', async () => {
    await start();
    const { txSeq } = ledger.submit(SMALL);
    await upload(requestOf(SMALL, segmentsOf(SMALL)));
    const open = Array.from({ length: MAX_SEGMENT_REQUESTS }, () => segments.answer({ txSeq, first: 0, count: 1 }, asker));
    for (const one of open) await one.next();
    expect(await codeOfPromise(read({ txSeq, first: 0, count: 1 }))).toBe('BUSY');
    for (const one of open) await one.return();
    expect(await read({ txSeq, first: 0, count: 1 })).toHaveLength(1);
  });

  it('answers others while one network asks for all that it can, and takes nothing', async () => {
    await start();
    const { txSeq } = ledger.submit(FOUR);
    await upload(requestOf(FOUR, segmentsOf(FOUR)));
    const slow = Array.from({ length: MAX_SEGMENT_REQUESTS }, (_, i) =>
      segments.answer({ txSeq, first: 0, count: 2 }, { ...asker, peerId: `slow-${i}`, remoteAddress: '/ip4/198.51.100.7/tcp/1' }),
    );
    for (const one of slow) await one.next();
    expect(await read({ txSeq, first: 0, count: 4 })).toHaveLength(4);
    const rest = await Promise.all(slow.map((one) => codeOfPromise(one.next())));
    expect(rest.filter((code) => code === 'BUSY')).toHaveLength(1);
    for (const one of slow) await one.return();
  });
});

describe('over the network', () => {
  const hosts: Host[] = [];
  afterEach(async () => {
    for (const host of hosts.splice(0)) await host.stop();
  });

  it('a node takes a file from one peer, gives it to another, and ends', async () => {
    await start();
    const server = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
    const client = await createHost({ allowPrivate: true });
    hosts.push(server, client);
    const node = await createStorageNode({ host: server, state: ledger, log, clock: systemClock, hash: nobleFileHash });
    const peer = { peerId: server.peerId, multiaddrs: server.multiaddrs() };
    const { txSeq } = ledger.submit(FOUR);
    for await (const answer of open(client, peer, segmentUploadProtocol).call(requestOf(FOUR, segmentsOf(FOUR)))) {
      expect(answer).toEqual({ status: FILE_STATUS.finalized, txSeq, missing: 0, ...ALL });
    }
    const answers: unknown[] = [];
    const request = { root: FOUR.tree.root, first: 0, count: 4 };
    for await (const answer of open(client, peer, segmentsProtocol).call(request)) answers.push(briefly(answer));
    expect(answers).toEqual(segmentsOf(FOUR).map(briefly));
    const wrong = open(client, peer, segmentUploadProtocol).call(requestOf(FOUR, [segmentOf(SMALL, 0)]));
    expect(await codeOfPromise(wrong.next())).toBe('SEGMENT_SIZE');
    ledger.advance();
    expect(node.stats()).toMatchObject({ storedBytes: log.usedBytes, openUploads: 0, waitingFiles: 0, waitingBytes: 0 });
    await node.stop();
  });
});
