import { mkdir, realpath, rename, rm } from 'node:fs/promises';
import { type Infer, MAX_FILE_SHARDS, message, PerigeeError, proto, u32le } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';
import { ioError } from './io-error.ts';
import { Turn } from './turn.ts';

/** Version of the index and of what belongs together in the folder. */
const FORMAT = 1;
const FORMAT_KEY = 'format';
/** Shard and place in the chain's submissions. */
const STATE_KEY = 'state';

export const FileIndexState = message('FileIndexState', {
  shardId: [1, proto.uint32(MAX_FILE_SHARDS - 1)],
  numShard: [2, proto.uint32(MAX_FILE_SHARDS)],
  /** First submission that was not looked at yet. */
  nextTxSeq: [3, proto.uint53()],
});
export type FileIndexState = Infer<typeof FileIndexState>;

/** What is known of a submission's file: the rest is in it. */
export const FileIndexEntry = message('FileIndexEntry', {
  txSeq: [1, proto.uint53()],
  /** Data root. */
  root: [2, proto.fixedBytes(32)],
  /** Bytes. */
  length: [3, proto.uint53()],
  /** First sector in the flow. */
  startSector: [4, proto.uint53()],
  /** Every segment of the shard was verified, and is on disk. */
  finalized: [5, proto.bool()],
});
export type FileIndexEntry = Infer<typeof FileIndexEntry>;

type Level = ClassicLevel<string, Uint8Array>;

/** File name → entry, in LevelDB, which also keeps other processes out. */
export interface FileIndex {
  readonly entries: ReadonlyMap<string, FileIndexEntry>;
  /** `undefined` when the folder had no index before. */
  readonly state: FileIndexState | undefined;
  /** Returns when the entry survives a power cut. */
  put(name: string, entry: FileIndexEntry): Promise<void>;
  putState(state: FileIndexState): Promise<void>;
  close(): Promise<void>;
}

/**
 * Folders that this process has open. A second LevelDB on one of them would fail, but on its way out close the lock file, and by the rules of
 * POSIX that gives up the lock that the first one holds against other processes.
 */
const openHere = new Set<string>();

/**
 * What cannot be read is put aside as `<folder>.damaged`, and a new index begun: the files of segments tell what belongs into it.
 *
 * @param onFault told of what was put aside, and of entries that cannot be read; they are left out
 * @throws STORE_LOCKED, STORE_VERSION, STORE_FULL, INTERNAL
 */
export async function openFileIndex(folder: string, onFault: (error: PerigeeError) => void): Promise<FileIndex> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const path = await realpath(folder);
  if (openHere.has(path)) throw new PerigeeError('STORE_LOCKED', `${folder} is open in this process already`);
  openHere.add(path);
  try {
    return await openOrReplace(path, onFault);
  } catch (error) {
    openHere.delete(path);
    throw ioError(error, `open the index in ${folder}`);
  }
}

async function openOrReplace(folder: string, onFault: (error: PerigeeError) => void): Promise<FileIndex> {
  try {
    return await LevelIndex.open(folder, onFault);
  } catch (error) {
    if (!(error instanceof PerigeeError && error.code === 'STORE_CORRUPT')) throw error;
    const aside = `${folder}.damaged`;
    await rm(aside, { recursive: true, force: true });
    await rename(folder, aside);
    onFault(new PerigeeError('STORE_CORRUPT', `index ${folder} cannot be read; it is now ${aside}`, { cause: error }));
    return LevelIndex.open(folder, onFault);
  }
}

class LevelIndex implements FileIndex {
  readonly entries = new Map<string, FileIndexEntry>();
  state: FileIndexState | undefined;
  readonly #folder: string;
  readonly #turn = new Turn();
  #level: Level;
  /** A write failed, on a full disk: LevelDB takes no more until it is opened anew. */
  #failed = false;

  private constructor(folder: string, level: Level) {
    this.#folder = folder;
    this.#level = level;
  }

  /** @throws STORE_LOCKED, STORE_CORRUPT, STORE_VERSION, STORE_FULL, INTERNAL */
  static async open(folder: string, onFault: (error: PerigeeError) => void): Promise<LevelIndex> {
    const level = await openLevel(folder);
    try {
      const format = await level.get(FORMAT_KEY);
      if (format === undefined) await level.put(FORMAT_KEY, u32le(FORMAT), { sync: true });
      else checkFormat(format, folder);
      const index = new LevelIndex(folder, level);
      for await (const [name, value] of level.iterator()) {
        if (name === FORMAT_KEY) continue;
        try {
          if (name === STATE_KEY) index.state = FileIndexState.decodeCanonical(value);
          else index.entries.set(name, FileIndexEntry.decodeCanonical(value));
        } catch (cause) {
          onFault(new PerigeeError('STORE_CORRUPT', `index entry ${name.slice(0, 160)} cannot be read`, { cause }));
        }
      }
      return index;
    } catch (cause) {
      await level.close();
      throw levelError(cause, folder);
    }
  }

  async put(name: string, entry: FileIndexEntry): Promise<void> {
    await this.#write((level) => level.put(name, FileIndexEntry.encode(entry), { sync: true }));
    this.entries.set(name, entry);
  }

  async putState(state: FileIndexState): Promise<void> {
    await this.#write((level) => level.put(STATE_KEY, FileIndexState.encode(state), { sync: true }));
    this.state = state;
  }

  async close(): Promise<void> {
    await this.#turn.idle();
    await this.#level.close();
    openHere.delete(this.#folder);
  }

  /** Of a write that fails nobody knows whether it is there: each entry is written whole, so writing it again sets it right. */
  #write(act: (level: Level) => Promise<void>): Promise<void> {
    return this.#turn.take(async () => {
      try {
        if (this.#failed) {
          await this.#level.close();
          this.#level = await openLevel(this.#folder);
          this.#failed = false;
        }
        await act(this.#level);
      } catch (cause) {
        this.#failed = true;
        throw levelError(cause, this.#folder);
      }
    });
  }
}

async function openLevel(folder: string): Promise<Level> {
  const level: Level = new ClassicLevel(folder, { valueEncoding: 'view' });
  try {
    await level.open();
    return level;
  } catch (cause) {
    throw levelError(cause, folder);
  }
}

function checkFormat(format: Uint8Array, folder: string): void {
  const version = format.length === 4 ? new DataView(format.buffer, format.byteOffset).getUint32(0, true) : undefined;
  if (version === FORMAT) return;
  if (version === undefined || version === 0) throw new PerigeeError('STORE_CORRUPT', `index ${folder} has no readable version`);
  throw new PerigeeError(
    'STORE_VERSION',
    `files in ${folder} have format ${version}; this program knows ${FORMAT}: use a newer one`,
  );
}

/** abstract-level wraps what LevelDB said; LevelDB says it in words. */
function levelError(error: unknown, folder: string): PerigeeError {
  if (error instanceof PerigeeError) return error;
  const options = { cause: error };
  const { code, message } = rootCause(error);
  if (code === 'LEVEL_LOCKED')
    return new PerigeeError('STORE_LOCKED', `${folder} is in use by another process: stop it first`, options);
  if (/no space left|file too large|quota exceeded/i.test(message)) {
    return new PerigeeError('STORE_FULL', `no room to write the index in ${folder}: free disk space`, options);
  }
  const damaged = code === 'LEVEL_CORRUPTION' || /corruption|no such file/i.test(message);
  return new PerigeeError(damaged ? 'STORE_CORRUPT' : 'INTERNAL', `index ${folder} cannot be used: ${message}`, options);
}

function rootCause(error: unknown): { code: string; message: string } {
  let root = error;
  while (root instanceof Error && root.cause instanceof Error) root = root.cause;
  const code = root instanceof Error && 'code' in root ? String(root.code) : '';
  return { code, message: root instanceof Error ? root.message : String(root) };
}
