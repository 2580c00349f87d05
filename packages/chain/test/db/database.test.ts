import { spawnSync } from 'node:child_process';
import { cp, mkdir, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { PerigeeError, utf8 } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { Database } from '../../src/db/index.ts';

const FORMAT = { kind: 'test', version: 3 };
const ENTRIES = 400;

function key(i: number): Uint8Array {
  return utf8(`key ${String(i).padStart(6, '0')}`);
}

function value(i: number): Uint8Array {
  return utf8(`value ${i} `.repeat(20));
}

/** A closed database with `ENTRIES` entries, written in batches of ten. */
async function filled(): Promise<string> {
  const dir = temporaryFolder('database');
  const db = await Database.open(dir, FORMAT);
  for (let i = 0; i < ENTRIES; i += 10) {
    await db.write(Array.from({ length: 10 }, (_, j) => ({ key: key(i + j), value: value(i + j) })));
  }
  await db.close();
  return dir;
}

async function codeOf(work: () => Promise<unknown>): Promise<string> {
  try {
    await work();
    return 'accepted';
  } catch (error) {
    if (!(error instanceof PerigeeError)) throw error;
    return error.code;
  }
}

/** Opens and reads everything; the values that are there must be right. */
async function readAll(dir: string): Promise<number> {
  const db = await Database.open(dir, FORMAT);
  try {
    let count = 0;
    for (let i = 0; i < ENTRIES; i++) {
      const found = db.get(key(i));
      if (found === undefined) continue;
      expect(found).toEqual(value(i));
      count += 1;
    }
    return count;
  } finally {
    await db.close();
  }
}

describe('a database', () => {
  it('holds what was written, deletes, and lists keys in order', async () => {
    const dir = await filled();
    expect(await readAll(dir)).toBe(ENTRIES);
    const db = await Database.open(dir, FORMAT);
    await db.write([
      { key: key(1), value: undefined },
      { key: key(2), value: new Uint8Array(0) },
    ]);
    expect(db.get(key(1))).toBeUndefined();
    expect(db.get(key(2))).toEqual(new Uint8Array(0));
    const listed = [];
    for await (const found of db.keys({ from: key(0), to: key(5), reverse: true, limit: 3 })) listed.push(new Uint8Array(found));
    expect(listed).toEqual([key(4), key(3), key(2)]);
    await db.close();
  });

  it('is STORE_VERSION when its format is newer, or older without a way to migrate', async () => {
    const dir = await filled();
    for (const version of [2, 4, 999_999]) {
      await writeFile(join(dir, 'FORMAT'), `perigee test ${version}\n`);
      expect(await codeOf(() => Database.open(dir, FORMAT))).toBe('STORE_VERSION');
    }
    await writeFile(join(dir, 'FORMAT'), 'perigee test 3\n');
    expect(await readAll(dir)).toBe(ENTRIES);
  });

  it('is STORE_CORRUPT when it is of another kind, or its FORMAT is unreadable or gone', async () => {
    const dir = await filled();
    for (const text of ['perigee other 3\n', '', 'perigee test\n', 'perigee test 3', '\0\0\0\0', 'perigee test -1\n']) {
      await writeFile(join(dir, 'FORMAT'), text);
      expect(await codeOf(() => Database.open(dir, FORMAT))).toBe('STORE_CORRUPT');
    }
    await rm(join(dir, 'FORMAT'));
    expect(await codeOf(() => Database.open(dir, FORMAT))).toBe('STORE_CORRUPT');
  });

  it('is STORE_LOCKED while it is open, here or in another process', async () => {
    const dir = await filled();
    const db = await Database.open(dir, FORMAT);
    expect(await codeOf(() => Database.open(dir, FORMAT))).toBe('STORE_LOCKED');
    const program = `import('classic-level').then(async ({ ClassicLevel }) => {
      await new ClassicLevel(${JSON.stringify(join(dir, 'leveldb'))}).open().catch((error) => console.log(error.cause.code));
    });`;
    const { stdout, stderr } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(stdout.trim(), stderr).toBe('LEVEL_LOCKED');
    await db.close();
    expect(await readAll(dir)).toBe(ENTRIES);
  });

  it('can be opened again after its creation was cut off at any step', async () => {
    const dir = temporaryFolder('cut-off');
    await mkdir(join(dir, 'leveldb'));
    await writeFile(join(dir, 'FORMAT.new'), 'perig');
    const db = await Database.open(dir, FORMAT);
    await db.close();
    const bare = new ClassicLevel(join(temporaryFolder('bare'), 'leveldb'));
    await bare.open();
    await bare.close();
    const again = await Database.open(join(bare.location, '..'), FORMAT);
    await again.close();
  });
});

describe('a damaged database', () => {
  it('is refused, or loses its last writes whole, when any of its files is gone', async () => {
    const dir = await filled();
    for (const name of await readdir(join(dir, 'leveldb'))) {
      const copy = temporaryFolder('damaged');
      await cp(dir, copy, { recursive: true });
      await rm(join(copy, 'leveldb', name));
      const code = await codeOf(async () => expect((await readAll(copy)) % 10).toBe(0));
      expect(['accepted', 'STORE_CORRUPT'], name).toContain(code);
      if (name === 'CURRENT' || name.startsWith('MANIFEST')) expect(code, name).toBe('STORE_CORRUPT');
    }
    const copy = temporaryFolder('damaged');
    await cp(dir, copy, { recursive: true });
    await rm(join(copy, 'leveldb'), { recursive: true });
    expect(await codeOf(() => readAll(copy))).toBe('STORE_CORRUPT');
  });

  it('is refused, or loses its last writes whole, when any of its files is cut off', async () => {
    const dir = await filled();
    for (const name of await readdir(join(dir, 'leveldb'))) {
      const { size } = await stat(join(dir, 'leveldb', name));
      for (const length of new Set([0, 1, size >> 1, Math.max(0, size - 1)])) {
        const copy = temporaryFolder('damaged');
        await cp(dir, copy, { recursive: true });
        await truncate(join(copy, 'leveldb', name), length);
        const code = await codeOf(async () => expect((await readAll(copy)) % 10).toBe(0));
        expect(['accepted', 'STORE_CORRUPT'], `${name} cut to ${length}`).toContain(code);
      }
    }
  });

  it('never gives a value that was not written, whichever byte was changed', async () => {
    const dir = await filled();
    // move the entries from the log into a table, where LevelDB reads without checking
    const raw = new ClassicLevel(join(dir, 'leveldb'));
    await raw.open();
    await raw.compactRange('', '\uffff');
    await raw.close();
    const tables = (await readdir(join(dir, 'leveldb'))).filter((name) => name.endsWith('.ldb'));
    expect(tables.length).toBeGreaterThan(0);
    for (const name of [...tables, ...(await readdir(join(dir, 'leveldb'))).filter((file) => file.startsWith('MANIFEST'))]) {
      const intact = await readFile(join(dir, 'leveldb', name));
      for (let at = 0; at < intact.length; at += Math.ceil(intact.length / 24)) {
        const copy = temporaryFolder('damaged');
        await cp(dir, copy, { recursive: true });
        const changed = Buffer.from(intact);
        changed[at] = (changed[at] ?? 0) ^ 0x55;
        await writeFile(join(copy, 'leveldb', name), changed);
        // readAll compares each value with what was written
        const code = await codeOf(() => readAll(copy));
        expect(['accepted', 'STORE_CORRUPT'], `byte ${at} of ${name}`).toContain(code);
      }
    }
  });
});
