import { stat, truncate, unlink } from 'node:fs/promises';
import { join } from 'node:path';
import { ByteBudget, openIndexedFiles, takeInFiles } from '@perigee/disk';
import { syncFolder } from '@perigee/disk/files';
import { equal, PerigeeError, type Prime, type RowProof, Turn, toHex } from '@perigee/wire';
import { fileNameOf, type HoldingKey, keyOfFileName } from './holding-key.ts';
import { RowFile } from './row-file.ts';
import { layoutOf, RowFileHeader } from './row-file-format.ts';
import { type IndexEntry, ROW_INDEX, type RowIndex } from './row-index.ts';

export interface RowStoreOptions {
  /** Folder of the store; made when it is not there. */
  readonly dir: string;
  /** Bytes that the files may take together. */
  readonly budgetBytes: number;
  /** Told of every damage that is found: STORE_CORRUPT. The rows concerned are not served. */
  readonly onFault?: (error: PerigeeError) => void;
}

/** A holding that rows are being written to. */
export interface Holding {
  readonly header: RowFileHeader;
  /** Rows that are not there yet. */
  readonly missing: ReadonlySet<number>;
  /**
   * @param rows verified
   * @throws STORE_FULL, STORE_CORRUPT, INVALID_ARGUMENT (a row that is not held), NOT_FOUND (the holding was dropped meanwhile), INTERNAL
   */
  write(rows: readonly RowProof[]): Promise<void>;
  /**
   * Returns when all rows survive a power cut: only then may their receipt be signed.
   *
   * @param keepUntil height up to which they are kept at least from now on
   * @throws NOT_ENOUGH_ROWS, NOT_FOUND (the holding was dropped meanwhile), STORE_FULL, INTERNAL
   */
  seal(keepUntil: number): Promise<void>;
}

/** Rows of one blob, whatever the committees that they were assigned by. */
export interface RowReader {
  readonly rowSize: number;
  /** `undefined` when it is damaged. */
  prime(): Promise<Prime | undefined>;
  /** `notHeld`: not assigned to us; `absent`: assigned, but not there or damaged. */
  read(index: number): Promise<RowProof | 'notHeld' | 'absent'>;
  close(): Promise<void>;
}

/** What is kept, for the one who decides how long. */
export interface HoldingInfo extends HoldingKey {
  readonly bytes: number;
  /** Its rows may have been signed for. */
  readonly sealed: boolean;
  readonly keepUntil: number;
}

/** The rows that a committee member keeps: a file for each blob and committee, and an index of how long to keep it. */
export class RowStore {
  readonly #budget: ByteBudget;
  readonly #rowsDir: string;
  readonly #index: RowIndex;
  readonly #onFault: (error: PerigeeError) => void;
  /** Names by blob id (hexadecimal). */
  readonly #byBlob = new Map<string, Set<string>>();
  /** Stands for the file that lies under a name now: who wrote to the one before has nothing in it. */
  readonly #files = new Map<string, symbol>();
  /** Sealed holdings whose damage was told. */
  readonly #damaged = new Set<string>();
  /** Changes to the index happen one after another. */
  readonly #turn = new Turn();

  private constructor(budgetBytes: number, onFault: (error: PerigeeError) => void, rowsDir: string, index: RowIndex) {
    this.#budget = new ByteBudget(budgetBytes, 'rows');
    this.#rowsDir = rowsDir;
    this.#index = index;
    this.#onFault = onFault;
    for (const [name, { bytes }] of index.entries) this.#remember(name, bytes);
  }

  /**
   * Open a store and set right what a crash left: files without an entry are taken in again (the chain tells how long they are kept),
   * entries without a file are dropped and, when their rows were signed for, told as a fault.
   *
   * @throws STORE_LOCKED, STORE_CORRUPT, STORE_VERSION, INTERNAL
   */
  static async open({ dir, budgetBytes, onFault = () => {} }: RowStoreOptions): Promise<RowStore> {
    return openIndexedFiles({ dir, files: 'rows', index: ROW_INDEX, onFault }, async (rowsDir, index) => {
      await reconcile(index, rowsDir, onFault);
      return new RowStore(budgetBytes, onFault, rowsDir, index);
    });
  }

  get budgetBytes(): number {
    return this.#budget.bytes;
  }

  get usedBytes(): number {
    return this.#budget.used;
  }

  /**
   * Make room for the rows of a holding, or go on with one that is there.
   *
   * @param keepUntil height up to which it is kept at least
   * @throws STORE_FULL when the byte budget or the disk is full, STORE_VERSION, STORE_CORRUPT, INTERNAL
   */
  prepare(header: RowFileHeader, rlcOriginal: Uint8Array, keepUntil: number): Promise<Holding> {
    return this.#turn.take(async () => {
      const name = fileNameOf(header);
      const entry = await this.#admit(name, header, keepUntil);
      const file = await this.#openOrCreate(name, entry, header, rlcOriginal);
      try {
        const missing = await file.missing();
        return this.#holding(name, header, missing);
      } finally {
        await file.close();
      }
    });
  }

  /** @returns `undefined` when nothing of the blob is here; the caller closes the reader */
  async reader(blobId: Uint8Array): Promise<RowReader | undefined> {
    const files: { file: RowFile; name: string; held: ReadonlySet<number> }[] = [];
    for (const name of this.#byBlob.get(toHex(blobId)) ?? []) {
      try {
        const file = await RowFile.open(join(this.#rowsDir, name), 'r');
        files.push({ file, name, held: new Set(file.header.indices) });
      } catch (error) {
        this.#tell(name, `file cannot be read`, error);
      }
    }
    const [first] = files;
    if (first === undefined) return undefined;
    return {
      rowSize: first.file.header.rowSize,
      prime: async () => {
        for (const { file, name } of files) {
          try {
            return await file.prime();
          } catch (error) {
            this.#tell(name, 'prime data cannot be read', error);
          }
        }
        return undefined;
      },
      read: async (index) => {
        let answer: 'notHeld' | 'absent' = 'notHeld';
        for (const { file, name, held } of files) {
          if (!held.has(index)) continue;
          const proof = await file.read(index);
          if (proof !== undefined) return proof;
          if (this.#index.entries.get(name)?.sealed) this.#tell(name, `row ${index} fails its checksum`);
          answer = 'absent';
        }
        return answer;
      },
      close: async () => {
        for (const { file } of files) await file.close();
      },
    };
  }

  /** Holdings whose time was over before `height`, unless the chain says otherwise. */
  expiredAt(height: number): HoldingInfo[] {
    const expired: HoldingInfo[] = [];
    for (const [name, { bytes, sealed, keepUntil }] of this.#index.entries) {
      if (keepUntil >= height) continue;
      const key = keyOfFileName(name);
      if (key !== undefined) expired.push({ ...key, bytes, sealed, keepUntil });
    }
    return expired;
  }

  /** Keep what is here of a blob at least up to a height. */
  keep(blobId: Uint8Array, keepUntil: number): Promise<void> {
    return this.#turn.take(async () => {
      for (const name of this.#byBlob.get(toHex(blobId)) ?? []) {
        const entry = this.#index.entries.get(name);
        if (entry !== undefined && entry.keepUntil < keepUntil) await this.#index.put(name, { ...entry, keepUntil });
      }
    });
  }

  /**
   * Keep a holding that has all its rows as one that was signed for: after damage to the index nobody remembers.
   *
   * @returns whether it has all its rows
   */
  sealComplete(key: HoldingKey, keepUntil: number): Promise<boolean> {
    return this.#turn.take(async () => {
      const name = fileNameOf(key);
      const entry = this.#index.entries.get(name);
      if (entry === undefined || !(await this.#isComplete(name))) return false;
      await this.#index.put(name, { ...entry, sealed: true, keepUntil: Math.max(entry.keepUntil, keepUntil) });
      return true;
    });
  }

  /** Delete a holding, if its time was still over before `height` when its turn comes. */
  drop(key: HoldingKey, height: number): Promise<void> {
    return this.#turn.take(async () => {
      const name = fileNameOf(key);
      const entry = this.#index.entries.get(name);
      if (entry === undefined || entry.keepUntil >= height) return;
      const path = join(this.#rowsDir, name);
      // entry first: a file without one is taken in again and asked for once more, an entry without a file would be a fault
      await this.#index.delete(name).catch(async (error: unknown) => {
        if (!(error instanceof PerigeeError && error.code === 'STORE_FULL')) throw error;
        // on a full disk only the file makes room for saying that it is gone
        await truncate(path, 0);
        await this.#index.delete(name);
      });
      this.#forget(name, entry.bytes);
      await unlink(path).catch((cause: unknown) => this.#tell(name, 'file cannot be deleted', cause));
    });
  }

  async close(): Promise<void> {
    await this.#turn.idle();
    await this.#index.close();
  }

  async #admit(name: string, header: RowFileHeader, keepUntil: number): Promise<IndexEntry> {
    const { totalBytes } = layoutOf(header);
    const held = this.#index.entries.get(name);
    const more = totalBytes - (held?.bytes ?? 0);
    this.#budget.check(more);
    const entry = { bytes: totalBytes, sealed: held?.sealed ?? false, keepUntil: Math.max(keepUntil, held?.keepUntil ?? 0) };
    await this.#index.put(name, entry);
    this.#remember(name, more);
    return entry;
  }

  async #isComplete(name: string): Promise<boolean> {
    let file: RowFile | undefined;
    try {
      file = await RowFile.open(join(this.#rowsDir, name), 'r');
      return (await file.missing()).size === 0;
    } catch {
      return false; // damaged: its rows can be told by nobody
    } finally {
      await file?.close();
    }
  }

  /** A file that cannot be read, or says something else, is written anew: its rows are asked for again. */
  async #openOrCreate(name: string, entry: IndexEntry, header: RowFileHeader, rlcOriginal: Uint8Array): Promise<RowFile> {
    const path = join(this.#rowsDir, name);
    try {
      const file = await RowFile.open(path, 'r+');
      if (equal(RowFileHeader.encode(file.header), RowFileHeader.encode(header)) && (await hasPrime(file))) return file;
      await file.close();
    } catch (error) {
      if (!(error instanceof PerigeeError) || error.code !== 'STORE_CORRUPT') throw error;
    }
    if (entry.sealed) this.#tell(name, 'header or prime data cannot be read');
    this.#files.delete(name);
    const file = await RowFile.create(path, header, rlcOriginal);
    try {
      await syncFolder(this.#rowsDir);
      return file;
    } catch (error) {
      await file.close();
      throw error;
    }
  }

  #holding(name: string, header: RowFileHeader, missing: Set<number>): Holding {
    const mine = this.#files.get(name) ?? Symbol(name);
    this.#files.set(name, mine);
    const checkFile = (): void => {
      if (this.#files.get(name) === mine) return;
      throw new PerigeeError('NOT_FOUND', 'rows were dropped before they were complete: upload them again');
    };
    const withFile = async (use: (file: RowFile) => Promise<void>): Promise<void> => {
      const file = await RowFile.open(join(this.#rowsDir, name), 'r+');
      try {
        await use(file);
      } finally {
        await file.close();
      }
    };
    return {
      header,
      missing,
      write: async (rows) => {
        checkFile();
        await withFile((file) => file.write(rows));
        for (const { index } of rows) missing.delete(index);
      },
      seal: async (keepUntil) => {
        if (missing.size > 0) {
          throw new PerigeeError(
            'NOT_ENOUGH_ROWS',
            `${missing.size} of ${header.indices.length} assigned rows are not there yet`,
            {
              data: { missing: missing.size },
            },
          );
        }
        await withFile((file) => file.sync());
        await syncFolder(this.#rowsDir);
        await this.#turn.take(async () => {
          checkFile();
          const entry = this.#index.entries.get(name);
          if (entry === undefined) throw new PerigeeError('INTERNAL', `there is a file ${name}, but no entry of it`);
          if (!entry.sealed || entry.keepUntil < keepUntil) {
            await this.#index.put(name, { ...entry, sealed: true, keepUntil: Math.max(entry.keepUntil, keepUntil) });
          }
          this.#damaged.delete(name);
        });
      },
    };
  }

  /** @param bytes that it takes more than before */
  #remember(name: string, bytes: number): void {
    const key = keyOfFileName(name);
    if (key === undefined) return;
    const blob = toHex(key.blobId);
    const names = this.#byBlob.get(blob) ?? new Set();
    this.#byBlob.set(blob, names.add(name));
    this.#budget.add(bytes);
  }

  #forget(name: string, bytes: number): void {
    const key = keyOfFileName(name);
    if (key === undefined) return;
    const blob = toHex(key.blobId);
    const names = this.#byBlob.get(blob);
    names?.delete(name);
    if (names?.size === 0) this.#byBlob.delete(blob);
    this.#damaged.delete(name);
    this.#files.delete(name);
    this.#budget.give(bytes);
  }

  /** Once for each file: a request for every row of a bad file must not fill a log. */
  #tell(name: string, what: string, cause?: unknown): void {
    if (this.#damaged.has(name)) return;
    this.#damaged.add(name);
    this.#onFault(new PerigeeError('STORE_CORRUPT', `rows in ${join(this.#rowsDir, name)}: ${what}`, { cause }));
  }
}

async function hasPrime(file: RowFile): Promise<boolean> {
  try {
    await file.prime();
    return true;
  } catch {
    return false;
  }
}

async function reconcile(index: RowIndex, rowsDir: string, onFault: (error: PerigeeError) => void): Promise<void> {
  const names = await takeInFiles(rowsDir, index, {
    isName: (name) => keyOfFileName(name) !== undefined,
    isLost: index.isNew,
    takeIn: async (name) => {
      const { size } = await stat(join(rowsDir, name));
      await index.put(name, { bytes: size, sealed: false, keepUntil: 0 });
    },
    onFault,
  });
  for (const [name, entry] of [...index.entries]) {
    if (names.has(name)) continue;
    if (entry.sealed) onFault(new PerigeeError('STORE_CORRUPT', `file ${name} is gone; its rows cannot be served`));
    await index.delete(name);
  }
}
