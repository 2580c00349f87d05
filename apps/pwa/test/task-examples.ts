/** Tasks in the states that the view must show well. */
import { toHex, utf8 } from '@perigee/wire';
import type { Task } from '../src/model/index.ts';
import { NOW, SNAPSHOTS } from './snapshots.ts';

const id = SNAPSHOTS.sampled.blobs[0].blobId;
const base = { status: 'running', done: 0, bytes: undefined, startedAtMs: NOW - 3_000, error: undefined } as const;
const upload = {
  kind: 'publish',
  uploadedBytes: 0,
  totalBytes: 0,
  signed: 0,
  refused: 0,
  members: 0,
  result: undefined,
} as const;

export const TASKS: readonly Task[] = [
  {
    ...base,
    ...upload,
    id: '1',
    name: 'holiday-video-of-the-summer-before-last-in-full-length.mp4',
    stage: 'upload',
    done: 0.62,
    bytes: 30_000_000,
    uploadedBytes: 71_000_000,
    totalBytes: 131_000_000,
    signed: 2,
    members: 4,
  },
  {
    ...base,
    ...upload,
    id: '2',
    name: 'notes.txt',
    status: 'done',
    stage: 'done',
    done: 1,
    bytes: 812,
    result: {
      blobId: id,
      link: `http://127.0.0.1:5173/#${id}`,
      height: 12_400,
      expiryHeight: 16_000,
      wasThere: true,
      otherNamespace: toHex(utf8('reports')),
    },
  },
  { ...base, ...upload, id: '3', name: 'thesis.pdf', status: 'interrupted', stage: 'upload', done: 0.3, bytes: 4_100_000 },
  {
    ...base,
    kind: 'retrieve',
    id: '4',
    name: 'blob-00ab12cd',
    blobId: id,
    status: 'done',
    stage: 'done',
    done: 1,
    bytes: 4_194_304,
    rows: 1024,
    needed: 1024,
    bytesIn: 4_600_000,
    result: { length: 4_194_304, sha256: id.slice(2), rows: 1024, originals: 1024, segments: 0 },
  },
  {
    ...base,
    kind: 'retrieve',
    id: '5',
    name: 'blob-00ff00ff',
    blobId: id,
    status: 'failed',
    stage: 'rows',
    done: 0.1,
    rows: 400,
    needed: 1024,
    bytesIn: 1_800_000,
    result: undefined,
    error: { code: 'NOT_ENOUGH_ROWS', message: '400 of 1,024 rows could be had' },
  },
];
