import { mkdtemp, open, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fromHex, type PerigeeError, type RowProof, toHex } from '@perigee/wire';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { codeOfPromise } from '../../../tests/kit/code-of.ts';
import { watchFlushes } from '../../../tests/kit/flushes.ts';
import vectors from '../../../tests/vectors/row-store.json' with { type: 'json' };
import { describeStore } from '../../disk/test/store-suite.ts';
import { fileNameOf } from '../src/store/holding-key.ts';
import { RowFile } from '../src/store/row-file.ts';
import { layoutOf, ROW_FILE } from '../src/store/row-file-format.ts';
import { IndexEntry } from '../src/store/row-index.ts';
import { RowStore } from '../src/store/row-store.ts';
import { headerOf, proofOf, proofsOf, rlcOf } from './rows.ts';

let dir: string;
let faults: PerigeeError[];
const stores: RowStore[] = [];
const openStore = async (budgetBytes = 2 ** 30): Promise<RowStore> => {
  const store = await RowStore.open({ dir, budgetBytes, onFault: (error) => faults.push(error) });
  stores.push(store);
  return store;
};
const closeAll = async (): Promise<void> => {
  for (const store of stores.splice(0)) await store.close();
};
const fill = async (store: RowStore, blob: number, committee = 0): Promise<void> => {
  const header = headerOf(blob, committee);
  const holding = await store.prepare(header, rlcOf(blob), 100);
  await holding.write(proofsOf(blob, header.indices));
  await holding.seal(100);
};
const pathOf = (blob: number, committee = 0): string => join(dir, 'rows', fileNameOf(headerOf(blob, committee)));
const readAll = async (store: RowStore, blob: number, indices: readonly number[]): Promise<(RowProof | string)[]> => {
  const reader = await store.reader(headerOf(blob).blobId);
  if (reader === undefined) return [];
  const rows: (RowProof | string)[] = [];
  for (const index of indices) rows.push(await reader.read(index));
  await reader.close();
  return rows;
};

beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'perigee-rows-'));
  faults = [];
});
afterEach(async () => {
  await closeAll();
  await rm(dir, { recursive: true });
});

describe('rows', () => {
  it('are read back after a restart, with their prime', async () => {
    await fill(await openStore(), 1);
    await closeAll();
    const store = await openStore();
    const reader = await store.reader(headerOf(1).blobId);
    expect(await reader?.prime()).toEqual({ rowRoot: headerOf(1).rowRoot, rlcOriginal: rlcOf(1) });
    await reader?.close();
    expect(await readAll(store, 1, [0, 2, 254, 1])).toEqual([proofOf(1, 0), proofOf(1, 2), proofOf(1, 254), 'notHeld']);
    expect(await store.reader(headerOf(2).blobId)).toBeUndefined();
    expect(store.usedBytes).toBe(layoutOf(headerOf(1)).totalBytes);
    expect(faults).toEqual([]);
  });

  it('of two committees are read as one', async () => {
    const store = await openStore();
    await fill(store, 1);
    await fill(store, 1, 1);
    expect(await readAll(store, 1, [4, 5])).toEqual([proofOf(1, 4), proofOf(1, 5)]);
    await store.drop(headerOf(1), 101);
    expect(await readAll(store, 1, [4, 5])).toEqual(['notHeld', proofOf(1, 5)]);
  });

  it('that were dropped, or whose file was damaged and begun anew, count for nobody who wrote them before', async () => {
    const store = await openStore();
    const header = headerOf(1);
    const [first, last] = [proofsOf(1, header.indices.slice(0, 64)), proofsOf(1, header.indices.slice(64))];
    const lose = [() => store.drop(header, 101), () => truncate(pathOf(1), 8)];
    for (const act of lose) {
      const before = await store.prepare(header, rlcOf(1), 100);
      await before.write(first);
      await act();
      const after = await store.prepare(header, rlcOf(1), 100);
      expect(await codeOfPromise(before.write(last))).toBe('NOT_FOUND');
      expect(await codeOfPromise(before.seal(100))).not.toBe('none');
      expect(after.missing.size).toBe(128);
      await after.write([...first, ...last]);
      await after.seal(100);
      await store.drop(header, 101);
    }
  });

  it('are sealed only when all are there, in whatever order they came', async () => {
    const store = await openStore();
    const { indices } = headerOf(1);
    const holding = await store.prepare(headerOf(1), rlcOf(1), 100);
    expect(holding.missing.size).toBe(128);
    await holding.write(proofsOf(1, [...indices].reverse().slice(0, 100)));
    expect(await codeOfPromise(holding.seal(100))).toBe('NOT_ENOUGH_ROWS');
    await holding.write(
      proofsOf(
        1,
        indices.filter((_, i) => i % 2 === 0),
      ),
    );
    await holding.write(proofsOf(1, [...holding.missing]));
    expect(await codeOfPromise(holding.seal(100))).toBe('none');
    expect(await readAll(store, 1, indices)).toEqual(proofsOf(1, indices));
  });

  it('are flushed before they count as sealed, with the name of their file, whenever that was made', async () => {
    const header = headerOf(1);
    await (await openStore()).prepare(header, rlcOf(1), 100);
    await closeAll(); // nobody knows whether the name was flushed before
    const holding = await (await openStore()).prepare(header, rlcOf(1), 100);
    await holding.write(proofsOf(1, header.indices));
    const flushed = await watchFlushes(dir);
    await holding.seal(100);
    expect(flushed).toEqual(['file', 'folder']);
  });

  it('that came before a restart are not asked for again', async () => {
    const holding = await (await openStore()).prepare(headerOf(1), rlcOf(1), 100);
    await holding.write(proofsOf(1, headerOf(1).indices.slice(0, 40)));
    await closeAll();
    const store = await openStore();
    const resumed = await store.prepare(headerOf(1), rlcOf(1), 100);
    expect([...resumed.missing]).toEqual(headerOf(1).indices.slice(40));
    expect(await readAll(store, 1, [0, 254])).toEqual([proofOf(1, 0), 'absent']);
    expect(faults).toEqual([]);
  });

  it('of another shape are refused', async () => {
    const holding = await (await openStore()).prepare(headerOf(1), rlcOf(1), 100);
    const good = proofOf(1, 0);
    for (const bad of [
      { ...good, index: 1 },
      { ...good, row: good.row.subarray(64) },
      { ...good, path: good.path.subarray(32) },
    ]) {
      expect(await codeOfPromise(holding.write([bad]))).toBe('INVALID_ARGUMENT');
    }
  });
});

describe('budget and time', () => {
  it('keeps to its bytes and frees them', async () => {
    const one = layoutOf(headerOf(1)).totalBytes;
    const store = await openStore(2 * one);
    await fill(store, 1);
    await fill(store, 2);
    await fill(store, 2);
    expect(await codeOfPromise(store.prepare(headerOf(3), rlcOf(3), 100))).toBe('STORE_FULL');
    await store.drop(headerOf(1), 100);
    expect(store.usedBytes).toBe(2 * one);
    await store.drop(headerOf(1), 101);
    await store.drop(headerOf(1), 101);
    expect(store.usedBytes).toBe(one);
    await fill(store, 3);
    expect(await readdir(join(dir, 'rows'))).toHaveLength(2);
  });

  it('knows what is over, and keeps longer when told', async () => {
    const store = await openStore();
    await fill(store, 1);
    await fill(store, 2);
    expect(store.expiredAt(100)).toEqual([]);
    expect(store.expiredAt(101).map(({ blobId }) => toHex(blobId))).toEqual([1, 2].map((i) => toHex(headerOf(i).blobId)));
    await store.keep(headerOf(1).blobId, 500);
    await store.keep(headerOf(1).blobId, 400);
    await closeAll();
    const [left, ...rest] = (await openStore()).expiredAt(500);
    expect(left).toMatchObject({ blobId: headerOf(2).blobId, sealed: true, keepUntil: 100 });
    expect(rest).toEqual([]);
  });
});

describe('damage', () => {
  const flip = async (path: string, offset: number): Promise<void> => {
    const file = await open(path, 'r+');
    const { buffer } = await file.read(Buffer.alloc(1), 0, 1, offset);
    await file.write(Buffer.of((buffer[0] ?? 0) ^ 1), 0, 1, offset);
    await file.close();
  };

  it('of a row is never served, told once, and mended by a new upload', async () => {
    const store = await openStore();
    await fill(store, 1);
    const { slotsOffset, slotBytes } = layoutOf(headerOf(1));
    for (const offset of [0, 128, slotBytes - 1]) await flip(pathOf(1), slotsOffset + 3 * slotBytes + offset);
    expect(await readAll(store, 1, [6, 6, 8])).toEqual(['absent', 'absent', proofOf(1, 8)]);
    expect(faults.map((fault) => fault.code)).toEqual(['STORE_CORRUPT']);
    const holding = await store.prepare(headerOf(1), rlcOf(1), 100);
    expect([...holding.missing]).toEqual([6]);
    await holding.write([proofOf(1, 6)]);
    await holding.seal(100);
    expect(await readAll(store, 1, [6])).toEqual([proofOf(1, 6)]);
  });

  it('by truncation loses what was cut off and nothing else', async () => {
    const store = await openStore();
    await fill(store, 1);
    const { slotsOffset, slotBytes } = layoutOf(headerOf(1));
    await truncate(pathOf(1), slotsOffset + 10 * slotBytes - 1);
    expect(await readAll(store, 1, [16, 18, 20])).toEqual([proofOf(1, 16), 'absent', 'absent']);
    expect(faults).toHaveLength(1);
    await truncate(pathOf(1), 30);
    expect(await store.reader(headerOf(1).blobId)).toBeUndefined();
    await fill(store, 1);
    expect(await readAll(store, 1, [16])).toEqual([proofOf(1, 16)]);
  });

  it('of every single byte is noticed', async () => {
    const store = await openStore();
    await fill(store, 1);
    const { slotsOffset, totalBytes } = layoutOf(headerOf(1));
    const bytes = await readFile(pathOf(1));
    const offsets = [
      ...Array.from({ length: 20 }, (_, i) => i),
      ...Array.from({ length: 60 }, (_, i) => Math.floor((i * slotsOffset) / 60)),
    ];
    for (const offset of [...offsets, slotsOffset, totalBytes - 1]) {
      await flip(pathOf(1), offset);
      const reader = await store.reader(headerOf(1).blobId).catch(() => undefined);
      const whole =
        reader !== undefined &&
        (await reader.prime()) !== undefined &&
        typeof (await reader.read(0)) === 'object' &&
        typeof (await reader.read(254)) === 'object';
      await reader?.close();
      expect({ offset, whole }).toEqual({ offset, whole: false });
      await writeFile(pathOf(1), bytes);
    }
  });

  it('that announces a long header makes nobody take memory for it', async () => {
    const file = join(dir, 'announced.rows');
    const prefixBytes = ROW_FILE.magic.length + 4;
    const prefix = await (async () => {
      await (await RowFile.create(file, headerOf(1), rlcOf(1))).close();
      return (await readFile(file)).subarray(0, prefixBytes);
    })();
    prefix.writeUInt32LE(0xffff_fff0, prefixBytes - 4);
    await writeFile(file, prefix);
    await expect(RowFile.open(file, 'r')).rejects.toMatchObject({
      code: 'STORE_CORRUPT',
      message: expect.stringContaining('announces a header of 4294967280 bytes'),
    });
  });

  it('of a slot that belongs to another blob is noticed', async () => {
    const store = await openStore();
    await fill(store, 1);
    await fill(store, 2);
    const { slotsOffset } = layoutOf(headerOf(1));
    const [one, two] = [await readFile(pathOf(1)), await readFile(pathOf(2))];
    await writeFile(pathOf(1), Buffer.concat([one.subarray(0, slotsOffset), two.subarray(slotsOffset)]));
    expect(await readAll(store, 1, [0])).toEqual(['absent']);
  });

  it('by loss of a file is told; a lost index is rebuilt from the files', async () => {
    let store = await openStore();
    await fill(store, 1);
    await fill(store, 2);
    await closeAll();
    await rm(pathOf(1));
    store = await openStore();
    expect(faults.map(({ code: told }) => told)).toEqual(['STORE_CORRUPT']);
    expect(await readAll(store, 1, [0])).toEqual([]);
    await closeAll();
    await rm(join(dir, 'index'), { recursive: true });
    store = await openStore();
    expect(faults).toHaveLength(2);
    expect(await readAll(store, 2, [0])).toEqual([proofOf(2, 0)]);
    // how long it is kept is for the chain to say
    expect(store.expiredAt(1)).toHaveLength(1);
  });
});

describe('versions', () => {
  it('serves nothing of a file that a newer program wrote, and writes nothing to it', async () => {
    await fill(await openStore(), 1);
    await closeAll();
    const bytes = await readFile(pathOf(1));
    await writeFile(pathOf(1), Buffer.concat([Buffer.from('perigee-rows 02\n'), bytes.subarray(16)]));
    const store = await openStore();
    expect(await codeOfPromise(store.prepare(headerOf(1), rlcOf(1), 100))).toBe('STORE_VERSION');
    expect(await readAll(store, 1, [0])).toEqual([]);
  });

  it('reads and writes the bytes of the stored fixture', async () => {
    const header = { ...headerOf(1), indices: [0, 200] };
    const path = join(dir, fileNameOf(header));
    expect(fileNameOf(header)).toBe(vectors.fileName);
    await writeFile(path, fromHex(vectors.file));
    const stored = await RowFile.open(path, 'r');
    expect(stored.header).toEqual(header);
    expect(await stored.prime()).toEqual({ rowRoot: header.rowRoot, rlcOriginal: rlcOf(1) });
    expect([await stored.read(0), await stored.read(200)]).toEqual(proofsOf(1, [0, 200]));
    await stored.close();
    const written = await RowFile.create(path, header, rlcOf(1));
    await written.write(proofsOf(1, [0, 200]));
    await written.close();
    expect(toHex(await readFile(path))).toBe(vectors.file);
    expect(toHex(IndexEntry.encode({ bytes: 1 << 20, sealed: true, keepUntil: 100 }))).toBe(vectors.indexEntry);
  });
});

describeStore(async (folder, onFault) => {
  const store = await RowStore.open({ dir: folder, budgetBytes: 2 ** 30, onFault });
  return {
    fill: () => fill(store, 1),
    read: () => readAll(store, 1, [0, 254]),
    close: () => store.close(),
  };
});
