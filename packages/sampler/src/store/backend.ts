import { mkdir, open, readdir, readFile, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { PerigeeError, Turn } from '@perigee/wire';
import type { ClassicLevel } from 'classic-level';
import { codeOf, openLevel, plain, storeError } from './level.ts';
import type { OpenBackendOptions, StoreBackend, StoredFile } from './store-backend.ts';

/**
 * Node: values in LevelDB, files beside it, both in a folder of the chain.
 *
 * @throws STORE_LOCKED while another process has it, INVALID_ARGUMENT without a directory
 */
export async function openBackend({ genesisHash, directory }: OpenBackendOptions): Promise<StoreBackend> {
  if (directory === undefined) throw new PerigeeError('INVALID_ARGUMENT', 'a store needs a directory in Node');
  const folder = join(directory, genesisHash);
  const files = join(folder, 'files');
  try {
    await mkdir(files, { recursive: true });
    return new NodeBackend(await openLevel(join(folder, 'values')), folder);
  } catch (error) {
    throw storeError(folder, error);
  }
}

class NodeBackend implements StoreBackend {
  readonly #db: ClassicLevel<string, Uint8Array>;
  readonly #folder: string;
  readonly #changes = new Turn();

  constructor(db: ClassicLevel<string, Uint8Array>, folder: string) {
    this.#db = db;
    this.#folder = folder;
  }

  writable(): boolean {
    return true;
  }

  onWritable(): void {}

  get(key: string): Promise<Uint8Array | undefined> {
    return this.#try(async () => plain(await this.#db.get(key)));
  }

  entries(): Promise<readonly (readonly [string, Uint8Array])[]> {
    return this.#try(async () => {
      const out: [string, Uint8Array][] = [];
      for await (const [key, value] of this.#db.iterator()) out.push([key, plain(value) as Uint8Array]);
      return out;
    });
  }

  write(changes: ReadonlyMap<string, Uint8Array | undefined>): Promise<void> {
    const batch = [...changes].map(([key, value]) =>
      value === undefined ? ({ type: 'del', key } as const) : ({ type: 'put', key, value } as const),
    );
    return this.#try(() => this.#db.batch(batch, { sync: true }));
  }

  change(key: string, change: (value: Uint8Array | undefined) => Uint8Array): Promise<void> {
    // this process alone has the database, and in it one change follows the other
    return this.#changes.take(() =>
      this.#try(async () => this.#db.put(key, change(plain(await this.#db.get(key))), { sync: true })),
    );
  }

  files(): Promise<readonly StoredFile[]> {
    return this.#try(async () => {
      const names = await readdir(join(this.#folder, 'files'));
      return Promise.all(
        names.map(async (name) => {
          const { size, mtimeMs } = await stat(this.#path(name));
          return { name, bytes: size, modifiedMs: mtimeMs };
        }),
      );
    });
  }

  readFile(name: string): Promise<Uint8Array | undefined> {
    return this.#try(async () => {
      try {
        return plain(await readFile(this.#path(name)));
      } catch (error) {
        if (codeOf(error) === 'ENOENT') return undefined;
        throw error;
      }
    });
  }

  writeFile(name: string, at: number, bytes: Uint8Array): Promise<void> {
    return this.#try(async () => {
      const path = this.#path(name);
      const isNew = await stat(path).then(
        () => false,
        () => true,
      );
      const file = await open(path, isNew ? 'wx+' : 'r+');
      try {
        await file.truncate(at);
        try {
          for (let done = 0; done < bytes.length; ) {
            done += (await file.write(bytes, done, bytes.length - done, at + done)).bytesWritten;
          }
          await file.datasync();
        } catch (error) {
          await file.truncate(at).catch(() => {}); // a full disk gets back what did not help
          throw error;
        }
      } finally {
        await file.close();
      }
      if (isNew) await syncFolder(join(this.#folder, 'files'));
    });
  }

  removeFile(name: string): Promise<void> {
    return this.#try(() => rm(this.#path(name), { force: true }));
  }

  close(): Promise<void> {
    return this.#db.close();
  }

  #path(name: string): string {
    return join(this.#folder, 'files', name);
  }

  async #try<T>(work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (error) {
      throw storeError(this.#folder, error);
    }
  }
}

/** Windows cannot sync a folder, and does not need to. */
async function syncFolder(path: string): Promise<void> {
  const folder = await open(path, 'r');
  await folder.sync().catch(() => {});
  await folder.close();
}
