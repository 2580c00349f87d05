import { type Infer, message, PerigeeError, proto, u32le } from '@perigee/wire';
import { ClassicLevel } from 'classic-level';
import { ioError } from './io-error.ts';

/** Version of the index and of what belongs together in the folder. */
const FORMAT = 1;
const FORMAT_KEY = 'format';

/** What changes about a holding: everything else is in its file. */
export const IndexEntry = message('IndexEntry', {
  /** Bytes of the file when all rows are in it. */
  bytes: [1, proto.uint53()],
  /** All rows were on disk. */
  sealed: [2, proto.bool()],
  /** Height after which the chain is asked whether rows must still be kept. */
  keepUntil: [3, proto.uint53()],
});
export type IndexEntry = Infer<typeof IndexEntry>;

/** File name → entry, in LevelDB, which also keeps other processes out. */
export interface RowIndex {
  readonly entries: ReadonlyMap<string, IndexEntry>;
  /** True when the folder had no index before. */
  readonly isNew: boolean;
  /** Returns when the entry survives a power cut. */
  put(name: string, entry: IndexEntry): Promise<void>;
  delete(name: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * @param onFault told of entries that cannot be read; they are left out
 * @throws STORE_LOCKED, STORE_CORRUPT, STORE_VERSION, INTERNAL
 */
export async function openRowIndex(folder: string, onFault: (error: PerigeeError) => void): Promise<RowIndex> {
  const level = new ClassicLevel<string, Uint8Array>(folder, { valueEncoding: 'view' });
  try {
    await level.open();
  } catch (cause) {
    throw openError(cause, folder);
  }
  try {
    const format = await level.get(FORMAT_KEY);
    if (format === undefined) await level.put(FORMAT_KEY, u32le(FORMAT), { sync: true });
    else checkFormat(format, folder);
    const entries = new Map<string, IndexEntry>();
    for await (const [name, value] of level.iterator()) {
      if (name === FORMAT_KEY) continue;
      try {
        entries.set(name, IndexEntry.decodeCanonical(value));
      } catch (cause) {
        onFault(new PerigeeError('STORE_CORRUPT', `index entry ${name.slice(0, 160)} cannot be read`, { cause }));
      }
    }
    return {
      entries,
      isNew: format === undefined,
      put: async (name, entry) => {
        await level.put(name, IndexEntry.encode(entry), { sync: true }).catch((cause: unknown) => {
          throw ioError(cause, `write the index in ${folder}`);
        });
        entries.set(name, entry);
      },
      delete: async (name) => {
        await level.del(name, { sync: true }).catch((cause: unknown) => {
          throw ioError(cause, `write the index in ${folder}`);
        });
        entries.delete(name);
      },
      close: () => level.close(),
    };
  } catch (cause) {
    await level.close();
    if (cause instanceof PerigeeError) throw cause;
    throw new PerigeeError(
      'STORE_CORRUPT',
      `index ${folder} cannot be read; delete that folder and it is rebuilt from the rows`,
      {
        cause,
      },
    );
  }
}

function checkFormat(format: Uint8Array, folder: string): void {
  const version = format.length === 4 ? new DataView(format.buffer, format.byteOffset).getUint32(0, true) : undefined;
  if (version === FORMAT) return;
  if (version === undefined || version === 0) throw new PerigeeError('STORE_CORRUPT', `index ${folder} has no readable version`);
  throw new PerigeeError(
    'STORE_VERSION',
    `rows in ${folder} have format ${version}; this program knows ${FORMAT}: use a newer one`,
  );
}

function openError(cause: unknown, folder: string): PerigeeError {
  const inner = cause instanceof Error ? cause.cause : undefined;
  const code = inner instanceof Error && 'code' in inner ? inner.code : undefined;
  if (code === 'LEVEL_LOCKED') {
    return new PerigeeError('STORE_LOCKED', `${folder} is in use by another process: stop it first`, { cause });
  }
  return new PerigeeError(
    'STORE_CORRUPT',
    `index ${folder} cannot be opened; delete that folder and it is rebuilt from the rows`,
    {
      cause,
    },
  );
}
