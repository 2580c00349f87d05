import { join } from 'node:path';
import type { KeyValues } from '@perigee/light-core/comet/client';
import { PerigeeError } from '@perigee/wire';
import { openLevel, plain, storeError } from '../store/level.ts';

export interface HeaderValuesOptions {
  /** Tells the headers of one chain from those of another: letters, digits, `.`, `_`, `-`. */
  readonly name: string;
  /** Folder of all chains' headers, in Node. */
  readonly directory?: string;
}

/** Values on this device. */
export interface HeaderValues extends KeyValues {
  close(): Promise<void>;
}

/**
 * Node: a LevelDB of its own below `directory`.
 *
 * @throws INVALID_ARGUMENT without a directory; STORE_LOCKED while another process has it; STORE_FULL, STORE_CORRUPT
 */
export async function openHeaderValues({ name, directory }: HeaderValuesOptions): Promise<HeaderValues> {
  if (directory === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'headers are kept in a directory in Node: name one');
  if (!/^[\w.-]{1,80}$/.test(name) || /^\.+$/.test(name))
    throw new PerigeeError('INVALID_ARGUMENT', `"${name}" is no name of a folder`);
  const folder = join(directory, name);
  const guarded = async <T>(work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw storeError(folder, error);
    }
  };
  const db = await guarded(() => openLevel(folder));
  return {
    keys: () => guarded(() => db.keys().all()),
    get: (key) => guarded(async () => plain(await db.get(key))),
    write: (changes) =>
      guarded(() =>
        db.batch(
          [...changes].map(([key, value]) =>
            value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
          ),
          { sync: true },
        ),
      ),
    close: () => guarded(() => db.close()),
  };
}
