import { hash } from 'node:crypto';
import { mkdir, readdir, readFile, realpath } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileWhole } from '@perigee/disk/files';
import { concat, equal, PerigeeError } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';
import { locked, openError, writeError } from './errors.ts';
import { syncFolder } from './sync-folder.ts';

/** Bytes of the checksum before every value. */
const SEAL_BYTES = 8;
const FORMAT_FILE = 'FORMAT';

/**
 * Directories that this process has open. A second LevelDB on one of them would fail, but on its way out close the lock file, and by the
 * rules of POSIX that gives up the lock that the first one holds against other processes.
 */
const openHere = new Set<string>();

export interface DatabaseFormat {
  /** What is kept here, so that one kind of database is never opened as another. */
  readonly kind: string;
  /** Version of the format; a newer one on disk is refused. */
  readonly version: number;
  /** Makes the format before into this one, in one write. Tried again if the program ends before the new version is noted, so it must bear that. */
  readonly migrate?: (db: Database) => Promise<void>;
}

/** `value` undefined deletes the key. */
export interface Write {
  readonly key: Uint8Array;
  readonly value: Uint8Array | undefined;
}

export interface Range {
  /** First key, included. */
  readonly from: Uint8Array;
  /** Last key, excluded. */
  readonly to: Uint8Array;
  readonly reverse?: boolean;
  readonly limit?: number;
}

/**
 * A LevelDB with a format version, atomic durable writes, and a checksum in every value (LevelDB itself reads without checking).
 * What cannot be read as it was written is `STORE_CORRUPT`, never a missing or different value.
 */
export class Database {
  readonly #db: ClassicLevel<Uint8Array, Uint8Array>;
  readonly #dir: string;

  private constructor(db: ClassicLevel<Uint8Array, Uint8Array>, dir: string) {
    this.#db = db;
    this.#dir = dir;
  }

  /**
   * @param dir directory of this database alone; created when missing
   * @throws STORE_VERSION, STORE_CORRUPT, STORE_LOCKED
   */
  static async open(dir: string, format: DatabaseFormat): Promise<Database> {
    await mkdir(dir, { recursive: true });
    const path = await realpath(dir);
    if (openHere.has(path)) throw locked(dir);
    openHere.add(path);
    try {
      const { level, found } = await openLevel(path, format);
      const db = new Database(level, path);
      if (found !== format.version) await db.#migrate(format);
      return db;
    } catch (error) {
      openHere.delete(path);
      throw error;
    }
  }

  /** @throws STORE_CORRUPT, ABORTED once it is closed */
  get(key: Uint8Array): Uint8Array | undefined {
    this.#checkOpen();
    let sealed: Uint8Array | undefined;
    try {
      sealed = this.#db.getSync(key);
    } catch (error) {
      throw openError(this.#dir, error);
    }
    return sealed === undefined ? undefined : this.#unseal(key, sealed);
  }

  /**
   * Writes all or nothing, and returns when it is on disk.
   *
   * @throws STORE_FULL, STORE_CORRUPT, ABORTED once it is closed
   */
  async write(writes: readonly Write[]): Promise<void> {
    this.#checkOpen();
    // one buffer for all, one after another: the batch copies what is put into it
    const room = Buffer.allocUnsafeSlow(
      writes.reduce((most, { key, value }) => Math.max(most, value === undefined ? 0 : sealedSize(key, value)), 0),
    );
    try {
      // a batch that is filled call by call costs a third of one that is given as a list, and is as atomic
      const batch = this.#db.batch();
      for (const { key, value } of writes) {
        if (value === undefined) batch.del(key);
        else batch.put(key, seal(room.subarray(0, sealedSize(key, value)), key, value));
      }
      await batch.write({ sync: true });
    } catch (error) {
      throw writeError(this.#dir, error);
    }
  }

  /**
   * Deletes all keys of a range, in no order, and not at once: a crash may leave some.
   *
   * @throws STORE_FULL, STORE_CORRUPT
   */
  async clear({ from, to }: Pick<Range, 'from' | 'to'>): Promise<void> {
    this.#checkOpen();
    try {
      await this.#db.clear({ gte: from, lt: to });
    } catch (error) {
      throw writeError(this.#dir, error);
    }
  }

  async *keys({ from, to, ...rest }: Range): AsyncIterable<Uint8Array> {
    try {
      yield* this.#db.keys({ gte: from, lt: to, ...rest });
    } catch (error) {
      throw openError(this.#dir, error);
    }
  }

  async close(): Promise<void> {
    await this.#db.close();
    openHere.delete(this.#dir);
  }

  async #migrate(format: DatabaseFormat): Promise<void> {
    try {
      await format.migrate?.(this);
      await writeFormat(this.#dir, format);
    } catch (error) {
      await this.#db.close();
      throw error instanceof PerigeeError ? error : openError(this.#dir, error);
    }
  }

  #checkOpen(): void {
    if (this.#db.status !== 'open') throw new PerigeeError('ABORTED', `the database in ${this.#dir} is closed`);
  }

  #unseal(key: Uint8Array, sealed: Uint8Array): Uint8Array {
    if (sealed.length >= SEAL_BYTES) {
      // a plain view: LevelDB gives a Buffer, whose slices share memory
      const value = new Uint8Array(sealed.buffer, sealed.byteOffset + SEAL_BYTES, sealed.length - SEAL_BYTES);
      if (equal(sealed.subarray(0, SEAL_BYTES), checksum(key, value))) return value;
    }
    throw new PerigeeError('STORE_CORRUPT', `a value in ${this.#dir} has changed since it was written; restore the directory`);
  }
}

async function openLevel(
  dir: string,
  format: DatabaseFormat,
): Promise<{ readonly level: ClassicLevel<Uint8Array, Uint8Array>; readonly found: number }> {
  const found = await readFormat(dir, format);
  const known = found !== undefined;
  const db = new ClassicLevel<Uint8Array, Uint8Array>(join(dir, 'leveldb'), { keyEncoding: 'view', valueEncoding: 'view' });
  try {
    // with a FORMAT file the database once existed: LevelDB must not make an empty one in its place
    await db.open({ createIfMissing: !known });
  } catch (error) {
    throw openError(dir, error);
  }
  if (!known) {
    for await (const _ of db.keys({ limit: 1 })) {
      await db.close();
      throw new PerigeeError('STORE_CORRUPT', `${dir} holds data but its ${FORMAT_FILE} file is missing; restore the directory`);
    }
    await writeFormat(dir, format);
  }
  return { level: db, found: found ?? format.version };
}

/** Room that `seal` needs. */
function sealedSize(key: Uint8Array, value: Uint8Array): number {
  return Math.max(SEAL_BYTES, 2 + key.length) + value.length;
}

/**
 * The value behind its checksum, in one copy: what the checksum is over ends where the value ends, and the checksum comes where the key was.
 *
 * @param out of `sealedSize` @returns a part of it
 */
function seal(out: Buffer, key: Uint8Array, value: Uint8Array): Uint8Array {
  const head = out.length - value.length;
  const start = head - 2 - key.length;
  out.writeUInt16BE(key.length, start);
  out.set(key, start + 2);
  out.set(value, head);
  out.write(hash('sha256', out.subarray(start), 'binary').slice(0, SEAL_BYTES), head - SEAL_BYTES, 'latin1');
  return out.subarray(head - SEAL_BYTES);
}

/** Covers the key too, so that a value is only good where it was put. */
function checksum(key: Uint8Array, value: Uint8Array): Uint8Array {
  return hash('sha256', concat(Uint8Array.of(key.length >> 8, key.length), key, value), 'buffer').subarray(0, SEAL_BYTES);
}

/** @returns the version of the database, if it exists: the one that is asked for, or the one before if that can be migrated */
async function readFormat(dir: string, format: DatabaseFormat): Promise<number | undefined> {
  const present = await readdir(dir).catch((): string[] => []);
  if (!present.includes(FORMAT_FILE)) return undefined;
  const text = await readFile(join(dir, FORMAT_FILE), 'utf8');
  const [, kind, version] = /^perigee ([a-z]+) ([0-9]{1,6})\n$/.exec(text) ?? [];
  if (kind !== format.kind) {
    throw new PerigeeError('STORE_CORRUPT', `${join(dir, FORMAT_FILE)} does not name a "${format.kind}" database`);
  }
  const older = format.migrate !== undefined && Number(version) === format.version - 1;
  if (Number(version) !== format.version && !older) {
    throw new PerigeeError(
      'STORE_VERSION',
      `${dir} has format ${version}; this program reads format ${format.version}. Use the program that wrote it, or another directory`,
      { data: { found: Number(version), known: format.version } },
    );
  }
  return Number(version);
}

async function writeFormat(dir: string, format: DatabaseFormat): Promise<void> {
  await writeFileWhole(join(dir, FORMAT_FILE), `perigee ${format.kind} ${format.version}\n`, 0o644);
  await syncFolder(dir);
}
