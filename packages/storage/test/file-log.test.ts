import { execFile } from 'node:child_process';
import { cp, mkdtemp, open, readdir, readFile, readlink, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { holdsSegment, type Shard } from '@perigee/light-core/storage';
import { FILE_SEGMENT_BYTES, fromHex, type PerigeeError, type SegmentAnswer, type StoredFile, toHex } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { watchFlushes } from '../../../tests/kit/flushes.ts';
import vectors from '../../../tests/vectors/file-log.json' with { type: 'json' };
import { FileIndexEntry, FileIndexState } from '../src/log/file-index.ts';
import { FileLog } from '../src/log/file-log.ts';
import { SegmentFile } from '../src/log/segment-file.ts';
import { checksum, layoutOf, placeOf, totalBytes } from '../src/log/segment-file-format.ts';
import { briefly, codeOf, FileLedger, fileHash, type Sample, sampleOf, segmentOf, segmentsOf } from './files.ts';

const run = promisify(execFile);
const ALL: Shard = { shardId: 0, numShard: 1 };
const SIZES = [1, 600, FILE_SEGMENT_BYTES, FILE_SEGMENT_BYTES + 1, 3 * FILE_SEGMENT_BYTES + 700];
/** Four segments, the last short. */
const FOUR = sampleOf(SIZES[4] ?? 0);

let dir: string;
let ledger: FileLedger;
let faults: PerigeeError[];
const logs: FileLog[] = [];

const openLog = async (shard = ALL, budgetBytes = 2 ** 30): Promise<FileLog> => {
  const log = await FileLog.open({ dir, shard, budgetBytes, hash: fileHash, onFault: (error) => faults.push(error) });
  logs.push(log);
  return log;
};
const closeAll = async (): Promise<void> => {
  for (const log of logs.splice(0)) await log.close();
};
const reopen = async (shard = ALL): Promise<FileLog> => {
  await closeAll();
  return openLog(shard);
};
const fill = async (log: FileLog, sample: Sample, file: StoredFile): Promise<void> => {
  await log.add(file);
  await log.write(
    file.txSeq,
    segmentsOf(sample).filter(({ index }) => log.wants(file, index)),
  );
};
const pathOf = (txSeq: number): string => join(dir, 'files', `${txSeq.toString(16).padStart(16, '0')}.segments`);
const headerOf = ({ txSeq, root, length, startSector }: StoredFile, shard = ALL) => ({
  txSeq,
  root,
  length,
  startSector,
  ...shard,
});
const flip = async (path: string, offset: number): Promise<void> => {
  const file = await open(path, 'r+');
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset);
  await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, offset);
  await file.close();
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perigee-log-'));
  ledger = new FileLedger();
  faults = [];
});
afterEach(async () => {
  await closeAll();
  await rm(dir, { recursive: true });
});

describe('segments', () => {
  it('are flushed before they count as written, and the name of their file with the first of them', async () => {
    const log = await openLog();
    const file = ledger.submit(FOUR);
    await log.add(file);
    const flushed = await watchFlushes(dir);
    await log.write(file.txSeq, [segmentOf(FOUR, 0)]);
    expect(flushed).toEqual(['file', 'folder']);
    await log.write(file.txSeq, [segmentOf(FOUR, 1)]);
    expect(flushed).toEqual(['file', 'folder', 'file']);
  });

  it('are read back with their proofs, also after a restart, and count as finalized when all are there', async () => {
    let log = await openLog();
    const files = SIZES.map((size) => ({ sample: sampleOf(size), file: ledger.submit(sampleOf(size)) }));
    for (const { sample, file } of files) await fill(log, sample, file);
    for (const when of ['at once', 'after a restart']) {
      for (const { sample, file } of files) {
        expect(log.status(file), when).toEqual({ finalized: true, missing: 0 });
        for (const segment of segmentsOf(sample))
          expect(briefly(await log.read(file.txSeq, segment.index))).toEqual(briefly(segment));
        expect(await log.read(file.txSeq, sample.tree.geometry.segments)).toBe('notHeld');
      }
      expect(log.usedBytes).toBe(files.reduce((sum, { file }) => sum + totalBytes(layoutOf(headerOf(file))), 0));
      log = await reopen();
    }
    expect(await log.read(99, 0)).toBe('notHeld');
    expect(faults).toEqual([]);
  });

  it('that are missing keep a file from being finalized, in whatever order they come', async () => {
    let log = await openLog();
    const file = ledger.submit(FOUR);
    await log.add(file);
    expect(log.status(file)).toEqual({ finalized: false, missing: 4 });
    for (const [i, index] of [3, 1, 0].entries()) {
      await log.write(file.txSeq, [segmentOf(FOUR, index), segmentOf(FOUR, index)]);
      expect(log.status(file)).toEqual({ finalized: false, missing: 3 - i });
      log = await reopen();
      expect(log.status(file)).toEqual({ finalized: false, missing: 3 - i });
      expect(await log.read(file.txSeq, 2)).toBe('absent');
    }
    expect(log.unfinished(9).map(({ txSeq }) => txSeq)).toEqual([file.txSeq]);
    await log.write(file.txSeq, [segmentOf(FOUR, 2)]);
    expect(log.status(file)).toEqual({ finalized: true, missing: 0 });
    expect(log.unfinished(9)).toEqual([]);
    expect(faults).toEqual([]);
  });

  it('of another shard are refused, and two shards hold a file together', async () => {
    ledger.submit(sampleOf(600)); // the next one begins at another segment
    ledger.submit(sampleOf(FILE_SEGMENT_BYTES));
    const file = ledger.submit(FOUR);
    const held = new Map<number, number>();
    const root = dir;
    for (const shardId of [0, 1]) {
      dir = join(root, `shard-${shardId}`);
      const shard = { shardId, numShard: 2 };
      const log = await openLog(shard);
      await log.add(file);
      for (const segment of segmentsOf(FOUR)) {
        const isOurs = holdsSegment(shard, file.startSector, segment.index);
        expect(log.wants(file, segment.index)).toBe(isOurs);
        expect(await codeOf(log.write(file.txSeq, [segment]))).toBe(isOurs ? 'none' : 'REFUSED');
        expect(briefly(await log.read(file.txSeq, segment.index))).toEqual(briefly(isOurs ? segment : 'notHeld'));
        if (isOurs) held.set(segment.index, shardId);
      }
      expect(log.status(file)).toEqual({ finalized: true, missing: 0 });
    }
    dir = root;
    expect([...held.keys()].sort()).toEqual([0, 1, 2, 3]);
    expect(new Set(held.values()).size).toBe(2);
  });

  it('of a file that the shard has nothing of are not waited for', async () => {
    const file = ledger.submit(sampleOf(600));
    const log = await openLog({ shardId: 3, numShard: 4 });
    await log.add(file);
    expect(log.status(file)).toEqual({ finalized: true, missing: 0 });
    expect(log.get(file.txSeq)).toBeUndefined();
    expect(await codeOf(log.write(file.txSeq, [segmentOf(sampleOf(600), 0)]))).toBe('NOT_FOUND');
  });

  it('are refused unless they verify by the root and length of the submission, and then nothing of the list is kept', async () => {
    const log = await openLog();
    const file = ledger.submit(FOUR);
    await log.add(file);
    const good = segmentOf(FOUR, 0);
    const other = segmentOf(sampleOf(FOUR.data.length, 'other'), 1);
    const one = segmentOf(FOUR, 1);
    const flipped = new Uint8Array(one.data);
    flipped[77] = (flipped[77] ?? 0) ^ 1;
    const bad: [SegmentAnswer, string][] = [
      [{ ...one, index: 2 }, 'FILE_PROOF'],
      [{ ...one, index: 4 }, 'SEGMENT_INDEX'],
      [{ ...one, index: 2 ** 40 }, 'SEGMENT_INDEX'],
      [other, 'FILE_PROOF'],
      [{ ...one, proof: other.proof }, 'FILE_PROOF'],
      [{ ...one, data: flipped }, 'FILE_PROOF'],
      [{ ...one, data: one.data.subarray(256) }, 'SEGMENT_SIZE'],
      [{ ...one, data: new Uint8Array(FILE_SEGMENT_BYTES + 256) }, 'SEGMENT_SIZE'],
      [{ ...one, data: new Uint8Array(0) }, 'SEGMENT_SIZE'],
      [{ ...one, proof: { lemma: [], path: [] } }, 'FILE_PROOF'],
      [{ ...one, proof: { ...one.proof, path: one.proof.path.map((side) => !side) } }, 'FILE_PROOF'],
    ];
    for (const [answer, code] of bad) {
      expect(await codeOf(log.write(file.txSeq, [good, answer]))).toBe(code);
      expect(log.status(file).missing).toBe(4);
    }
    expect(log.usedBytes).toBe(0);
    expect(await readdir(join(dir, 'files'))).toEqual([]);
  });

  it('of a number that is another file on the chain are refused: the folder is another chain’s', async () => {
    const log = await openLog();
    await fill(log, FOUR, ledger.submit(FOUR));
    const other = new FileLedger().submit(sampleOf(600));
    expect(await codeOf(log.add(other))).toBe('STORE_CORRUPT');
    expect(() => log.status(other)).toThrow(expect.objectContaining({ code: 'STORE_CORRUPT' }));
  });
});

describe('like a map', () => {
  const files = SIZES.flatMap((size) => [sampleOf(size), sampleOf(size, 'again')]);
  const shards: Shard[] = [ALL, { shardId: 0, numShard: 2 }, { shardId: 1, numShard: 2 }, { shardId: 2, numShard: 4 }];
  const step = fc.oneof(
    {
      weight: 8,
      arbitrary: fc.tuple(fc.constant('write' as const), fc.nat(files.length - 1), fc.array(fc.nat(3), { maxLength: 4 })),
    },
    { weight: 3, arbitrary: fc.tuple(fc.constant('damage' as const), fc.nat(files.length - 1), fc.constant([0])) },
    { weight: 2, arbitrary: fc.tuple(fc.constant('reopen' as const), fc.constant(0), fc.constant([0])) },
    { weight: 1, arbitrary: fc.tuple(fc.constant('lose the index' as const), fc.constant(0), fc.constant([0])) },
  );

  it('a log holds what was written to it, and what is damaged is absent', async () => {
    const root = dir;
    let round = 0;
    await fc.assert(
      fc.asyncProperty(fc.constantFrom(...shards), fc.array(step, { minLength: 5, maxLength: 25 }), async (shard, steps) => {
        dir = join(root, `${round++}`);
        const chain = new FileLedger();
        const stored = files.map((sample) => chain.submit(sample));
        let log = await openLog(shard);
        const model = files.map(() => new Set<number>());
        const addAll = async (): Promise<void> => {
          for (const file of stored) await log.add(file);
        };
        await addAll();
        for (const [kind, which, indices] of steps) {
          const [sample, file, held] = [files[which], stored[which], model[which]];
          if (sample === undefined || file === undefined || held === undefined) throw new Error('no such file');
          const layout = layoutOf(headerOf(file, shard));
          if (kind === 'write') {
            const ours = indices.filter(
              (index) => index < sample.tree.geometry.segments && holdsSegment(shard, file.startSector, index),
            );
            if (ours.length === 0) continue;
            await log.write(
              file.txSeq,
              ours.map((index) => segmentOf(sample, index)),
            );
            for (const index of ours) held.add(index);
          } else if (kind === 'damage') {
            const [first] = [...held].sort();
            if (first === undefined) continue;
            await flip(pathOf(file.txSeq), placeOf(layout, (first - layout.first) / shard.numShard).offset + 100);
            expect(await log.read(file.txSeq, first)).toBe('absent');
            held.delete(first);
          } else {
            await closeAll();
            if (kind === 'lose the index') await rm(join(dir, 'index'), { recursive: true });
            log = await openLog(shard);
            await addAll();
          }
        }
        let used = 0;
        for (const [i, file] of stored.entries()) {
          const layout = layoutOf(headerOf(file, shard));
          const held = model[i] ?? new Set();
          const missing = layout.slots - held.size;
          expect(log.status(file)).toEqual({ finalized: missing === 0, missing });
          for (const segment of segmentsOf(files[i] ?? FOUR)) {
            const isOurs = holdsSegment(shard, file.startSector, segment.index);
            const due = isOurs ? (held.has(segment.index) ? segment : 'absent') : 'notHeld';
            expect(briefly(await log.read(file.txSeq, segment.index))).toEqual(briefly(due));
            if (due === segment) used += placeOf(layout, (segment.index - layout.first) / shard.numShard).bytes;
          }
        }
        // and the heads of files that were begun
        expect(log.usedBytes - used).toBeGreaterThanOrEqual(0);
        expect(log.usedBytes - used).toBeLessThan(files.length * 256);
        await closeAll();
        await rm(dir, { recursive: true });
      }),
      { numRuns: process.env.PERIGEE_LONG === '1' ? 300 : 12 },
    );
    dir = root;
  });
});

describe('files that were read', () => {
  const openHere = async (): Promise<number> => {
    const all = await readdir('/proc/self/fd').catch(() => []);
    const paths = await Promise.all(all.map((fd) => readlink(`/proc/self/fd/${fd}`).catch(() => '')));
    return paths.filter((path) => path.startsWith(join(dir, 'files'))).length;
  };

  it.runIf(process.platform === 'linux')('stay open, a few of them, and are closed with the log', async () => {
    const log = await openLog();
    const files = Array.from({ length: 20 }, (_, i) => ({ sample: sampleOf(600, i), file: ledger.submit(sampleOf(600, i)) }));
    for (const { sample, file } of files) await fill(log, sample, file);
    for (let round = 0; round < 2; round++) {
      const reads = files.flatMap(({ file }) => [log.read(file.txSeq, 0), log.read(file.txSeq, 0)]);
      const read = (await Promise.all(reads)).map((answer) => briefly(answer));
      expect(read).toEqual(files.flatMap(({ sample }) => [segmentOf(sample, 0), segmentOf(sample, 0)].map(briefly)));
      await expect.poll(openHere).toBe(16);
    }
    await closeAll();
    expect(await openHere()).toBe(0);
  });

  it('are noticed when they are gone, or are damaged, after that', async () => {
    const log = await openLog();
    const [gone, damaged] = [sampleOf(600, 'gone'), FOUR].map((sample) => ({ sample, file: ledger.submit(sample) }));
    if (gone === undefined || damaged === undefined) throw new Error('no files');
    for (const { sample, file } of [gone, damaged]) {
      await fill(log, sample, file);
      expect(briefly(await log.read(file.txSeq, 0))).toEqual(briefly(segmentOf(sample, 0)));
    }
    await rm(pathOf(gone.file.txSeq));
    await flip(pathOf(damaged.file.txSeq), placeOf(layoutOf(headerOf(damaged.file)), 0).offset);
    for (const { sample, file } of [gone, damaged]) {
      expect(await log.read(file.txSeq, 0)).toBe('absent');
      await log.write(file.txSeq, [segmentOf(sample, 0)]);
      expect(briefly(await log.read(file.txSeq, 0))).toEqual(briefly(segmentOf(sample, 0)));
    }
    expect(faults.map(({ code }) => code)).toEqual(['STORE_CORRUPT', 'STORE_CORRUPT']);
  });
});

describe('budget', () => {
  it('is kept to, by what is there and not by what was announced', async () => {
    const [one, two] = [ledger.submit(FOUR), ledger.submit(sampleOf(FILE_SEGMENT_BYTES, 'two'))];
    const budget = totalBytes(layoutOf(headerOf(one))) + 256; // and the head of another file
    const log = await openLog(ALL, budget);
    await log.add(one);
    await fill(log, sampleOf(FILE_SEGMENT_BYTES, 'two'), two);
    await log.write(one.txSeq, [segmentOf(FOUR, 0), segmentOf(FOUR, 1)]);
    expect(await codeOf(log.write(one.txSeq, [segmentOf(FOUR, 2)]))).toBe('STORE_FULL');
    expect(log.status(one).missing).toBe(2);
    expect(log.usedBytes).toBeLessThanOrEqual(budget);
    expect(briefly(await log.read(one.txSeq, 1))).toEqual(briefly(segmentOf(FOUR, 1)));
    await log.write(one.txSeq, [segmentOf(FOUR, 3)]);
    expect(log.usedBytes).toBeLessThanOrEqual(budget);
  });
});

describe('damage', () => {
  it('of a segment is never served, ends that the file counts as finalized, is told once, and is mended by an upload', async () => {
    let log = await openLog();
    const file = ledger.submit(FOUR);
    await fill(log, FOUR, file);
    const layout = layoutOf(headerOf(file));
    await flip(pathOf(file.txSeq), placeOf(layout, 2).offset + 1_000);
    expect(await log.read(file.txSeq, 2)).toBe('absent');
    expect(await log.read(file.txSeq, 2)).toBe('absent');
    expect(faults.map(({ code }) => code)).toEqual(['STORE_CORRUPT']);
    expect(log.status(file)).toEqual({ finalized: false, missing: 1 });
    log = await reopen();
    expect(log.status(file)).toEqual({ finalized: false, missing: 1 });
    await log.write(file.txSeq, [segmentOf(FOUR, 2)]);
    expect(log.status(file)).toEqual({ finalized: true, missing: 0 });
    expect(briefly(await log.read(file.txSeq, 2))).toEqual(briefly(segmentOf(FOUR, 2)));
    expect(faults).toHaveLength(1);
  });

  it('of every single byte is noticed', async () => {
    const sample = sampleOf(600);
    const file = ledger.submit(sample);
    await fill(await openLog(), sample, file);
    await closeAll();
    const bytes = await readFile(pathOf(file.txSeq));
    const kept = join(dir, 'kept');
    await cp(join(dir, 'index'), kept, { recursive: true });
    for (let offset = 0; offset < bytes.length; offset += offset < 160 ? 3 : 61) {
      await flip(pathOf(file.txSeq), offset);
      const log = await openLog();
      expect({ offset, read: await log.read(file.txSeq, 0) }).toEqual({ offset, read: 'absent' });
      expect({ offset, ...log.status(file) }).toEqual({ offset, finalized: false, missing: 1 });
      // what a newer program may have written is not written over
      const isVersion = offset >= 13 && offset < 16;
      expect({ offset, code: await codeOf(log.write(file.txSeq, [segmentOf(sample, 0)])) }).toEqual({
        offset,
        code: isVersion ? 'STORE_VERSION' : 'none',
      });
      if (isVersion) await flip(pathOf(file.txSeq), offset);
      else expect(await log.read(file.txSeq, 0)).toEqual(segmentOf(sample, 0));
      await closeAll();
      expect(toHex(await readFile(pathOf(file.txSeq)))).toBe(toHex(bytes));
      await rm(join(dir, 'index'), { recursive: true });
      await cp(kept, join(dir, 'index'), { recursive: true });
    }
  });

  it('by truncation or loss of a file is seen at the start, before anything is asked for', async () => {
    const files = [FOUR, sampleOf(FOUR.data.length, 'other')].map((sample) => ledger.submit(sample));
    const [cut, gone] = files;
    if (cut === undefined || gone === undefined) throw new Error('no files');
    let log = await openLog();
    await fill(log, FOUR, cut);
    await fill(log, sampleOf(FOUR.data.length, 'other'), gone);
    await closeAll();
    await truncate(pathOf(cut.txSeq), placeOf(layoutOf(headerOf(cut)), 2).offset + 10);
    await rm(pathOf(gone.txSeq));
    log = await openLog();
    expect(faults).toHaveLength(2);
    expect(log.status(cut)).toEqual({ finalized: false, missing: 2 });
    expect(log.status(gone)).toEqual({ finalized: false, missing: 4 });
    expect(briefly(await log.read(cut.txSeq, 1))).toEqual(briefly(segmentOf(FOUR, 1)));
    expect(await log.read(cut.txSeq, 2)).toBe('absent');
    await fill(log, FOUR, cut);
    expect(log.status(cut).finalized).toBe(true);
  });

  it('of a slot that is another file’s is noticed', async () => {
    const [one, two] = [sampleOf(FILE_SEGMENT_BYTES), sampleOf(FILE_SEGMENT_BYTES, 'other')];
    const files = [ledger.submit(one), ledger.submit(two)];
    let log = await openLog();
    await fill(log, one, files[0] as StoredFile);
    await fill(log, two, files[1] as StoredFile);
    await closeAll();
    const head = layoutOf(headerOf(files[0] as StoredFile)).head.length;
    const bytes = [await readFile(pathOf(0)), await readFile(pathOf(1))];
    await writeFile(pathOf(0), Buffer.concat([bytes[0]?.subarray(0, head) ?? '', bytes[1]?.subarray(head) ?? ''] as Buffer[]));
    log = await openLog();
    expect(await log.read(0, 0)).toBe('absent');
    expect(log.status(files[0] as StoredFile).finalized).toBe(false);
    expect(briefly(await log.read(1, 0))).toEqual(briefly(segmentOf(two, 0)));
  });

  it('of the index costs no segment, whichever file is damaged, and needs no hand', async () => {
    const file = ledger.submit(FOUR);
    await fill(await openLog(), FOUR, file);
    await closeAll();
    const index = join(dir, 'index');
    const kept = join(dir, 'kept');
    await cp(index, kept, { recursive: true });
    let rebuilt = 0;
    for (const name of (await readdir(kept)).filter((one) => one !== 'LOCK' && !one.startsWith('LOG'))) {
      for (const damage of ['zeros', 'cut', 'gone'] as const) {
        await rm(index, { recursive: true });
        await cp(kept, index, { recursive: true });
        const path = join(index, name);
        const size = (await readFile(path)).length;
        if (damage === 'zeros') await writeFile(path, Buffer.alloc(size));
        else if (damage === 'cut') await truncate(path, Math.floor(size / 2));
        else await rm(path);
        faults = [];
        const log = await openLog();
        expect(log.status(file), `${damage}: ${name}`).toEqual({ finalized: true, missing: 0 });
        for (const segment of segmentsOf(FOUR))
          expect(briefly(await log.read(file.txSeq, segment.index))).toEqual(briefly(segment));
        if (faults.length > 0) rebuilt++;
        await closeAll();
      }
    }
    expect(rebuilt).toBeGreaterThan(0);
  });

  it('a name that tells another number, and a file of another shard, are not taken in when the index was lost', async () => {
    const file = ledger.submit(sampleOf(600));
    await fill(await openLog(), sampleOf(600), file);
    await closeAll();
    await rm(join(dir, 'index'), { recursive: true });
    await cp(pathOf(file.txSeq), pathOf(7));
    let log = await openLog();
    expect(log.get(7)).toBeUndefined();
    expect(log.status(file).finalized).toBe(true);
    expect(faults).toHaveLength(2);
    await closeAll();
    await rm(join(dir, 'index'), { recursive: true });
    log = await openLog({ shardId: 0, numShard: 2 });
    expect(log.get(file.txSeq)).toBeUndefined();
    await fill(log, sampleOf(600), file);
    expect(log.status(file).finalized).toBe(true);
  });
});

describe('versions and locks', () => {
  it('refuses what a newer program wrote, and a log of another shard', async () => {
    const file = ledger.submit(FOUR);
    await fill(await openLog(), FOUR, file);
    await closeAll();
    expect(await codeOf(openLog({ shardId: 1, numShard: 2 }))).toBe('INVALID_ARGUMENT');
    expect(await codeOf(openLog({ shardId: 2, numShard: 2 }))).toBe('INVALID_ARGUMENT');
    for (const version of [2, 1]) {
      const level = new ClassicLevel<string, Uint8Array>(join(dir, 'index'), { valueEncoding: 'view' });
      await level.put('format', Uint8Array.of(version, 0, 0, 0));
      await level.close();
      expect(await codeOf(openLog())).toBe(version === 2 ? 'STORE_VERSION' : 'none');
    }
    await closeAll();
    const bytes = await readFile(pathOf(file.txSeq));
    await writeFile(pathOf(file.txSeq), Buffer.concat([Buffer.from('perigee-segs 02\n'), bytes.subarray(16)]));
    await rm(join(dir, 'index'), { recursive: true });
    expect(await codeOf(openLog())).toBe('STORE_VERSION');
  });

  it('refuses a log that is in use, and leaves its lock to whom it belongs', async () => {
    await openLog();
    expect(await codeOf(openLog())).toBe('STORE_LOCKED');
    // another process: LevelDB's own lock must still be held
    const script = `import { ClassicLevel } from 'classic-level';
      await new ClassicLevel(process.argv[1]).open().then(() => console.log('open'), (error) => console.log(error.cause.code));`;
    const { stdout } = await run(process.execPath, ['--input-type=module', '-e', script, join(dir, 'index')]);
    expect(stdout.trim()).toBe('LEVEL_LOCKED');
  });

  it('reads and writes the bytes of the stored fixture', async () => {
    const sample = sampleOf(600);
    const header = { txSeq: 42, root: sample.tree.root, length: 600, startSector: 2_049, shardId: 0, numShard: 2 };
    const layout = layoutOf(header);
    const written = await SegmentFile.create(join(dir, 'written'), layout);
    await written.write([segmentOf(sample, 0)]);
    await written.close();
    const long = layoutOf({ ...header, root: FOUR.tree.root, length: FOUR.data.length, shardId: 1 });
    const other = await SegmentFile.create(join(dir, 'other'), long);
    await other.write([segmentOf(FOUR, 1), segmentOf(FOUR, 3)]);
    await other.close();
    const entry = { txSeq: 42, root: sample.tree.root, length: 600, startSector: 2_049, finalized: true };
    const now = {
      version: 1,
      file: toHex(await readFile(join(dir, 'written'))),
      twoOfFour: toHex(checksum('', await readFile(join(dir, 'other')))),
      indexEntry: toHex(FileIndexEntry.encode(entry)),
      indexState: toHex(FileIndexState.encode({ shardId: 1, numShard: 2, nextTxSeq: 43 })),
    };
    if (process.env.PERIGEE_WRITE_FIXTURES === '1') {
      await writeFile(new URL('../../../tests/vectors/file-log.json', import.meta.url), `${JSON.stringify(now, null, 2)}\n`);
    }
    expect(now).toEqual(vectors);
    await writeFile(join(dir, 'stored'), fromHex(vectors.file));
    const stored = await SegmentFile.open(join(dir, 'stored'), layout, 'r');
    expect(briefly(await stored.read(0))).toEqual(briefly(segmentOf(sample, 0)));
    await stored.close();
  });
});
