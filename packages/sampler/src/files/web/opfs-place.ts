import { PerigeeError } from '@perigee/wire';
import { createPool } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';
import type { PartialPlace, RandomFile } from '../random-file.ts';
import type { OpfsFilesJobs } from './opfs-files-jobs.ts';

/** A file of the page's own that comes in pieces, and is gone on with in a later visit. */
export interface OpfsPlace extends PartialPlace {
  /** The whole file, once it is finished: for a link to download it. @throws INVALID_ARGUMENT before */
  file(): Promise<File>;
}

/**
 * Files in the origin private file system, in a worker of their own.
 *
 * @param name of what is fetched: lower-case letters, digits and dashes
 * @throws BUSY while another tab fetches it, UNSUPPORTED, STORE_FULL, INTERNAL; so do its methods
 */
export async function opfsPlace(name: string): Promise<OpfsPlace> {
  const spawn = () =>
    webWorker(new Worker(new URL('./opfs-files.worker.ts', import.meta.url), { type: 'module', name: 'perigee-place' }));
  const worker = createPool<OpfsFilesJobs>({ spawn, size: 1 });
  const [data, notes] = [`${name}.part`, `${name}.notes`];
  try {
    await worker.run('open', { lock: name, names: [data, notes] });
  } catch (error) {
    await worker.close();
    throw error;
  }
  let state: 'open' | 'finished' | 'closed' = 'open';
  const file = (of: string): RandomFile => ({
    size: () => worker.run('size', { name: of }),
    async read(at, into) {
      const bytes = await worker.run('read', { name: of, at, length: into.length });
      into.set(bytes);
      return bytes.length;
    },
    async write(at, bytes) {
      // a view on something larger must not take that along
      const whole = bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
      await worker.run('write', { name: of, at, bytes: whole }, { transfer: [whole.buffer as ArrayBuffer] });
    },
    flush: () => worker.run('flush', { name: of }),
    truncate: (size) => worker.run('truncate', { name: of, size }),
    close: () => worker.run('close', { name: of }),
  });
  const end = async (): Promise<void> => {
    if (state === 'closed') return;
    state = 'closed';
    await worker.close();
  };
  return {
    data: file(data),
    notes: file(notes),
    async finish() {
      await worker.run('close', { name: data });
      await worker.run('remove', { name: notes });
      state = 'finished';
    },
    async close() {
      // what is finished stays open to be saved, until it is removed
      if (state !== 'open') return;
      await worker.run('close', { name: data });
      await worker.run('close', { name: notes });
      await end();
    },
    async remove() {
      if (state === 'closed') return;
      for (const of of [data, notes]) await worker.run('remove', { name: of }).catch(() => {});
      await end();
    },
    async file() {
      if (state !== 'finished') throw new PerigeeError('INVALID_ARGUMENT', `the file is ${state}, not finished`);
      return worker.run('file', { name: data });
    },
  };
}
