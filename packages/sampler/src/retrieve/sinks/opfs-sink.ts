import { PerigeeError, toHex } from '@perigee/wire';
import { createPool } from '@perigee/workers';
import { webWorker } from '@perigee/workers/web';
import type { BlobSink } from '../../requests.ts';
import type { OpfsJobs } from './opfs-jobs.ts';

/** A file of the page's own, for a blob that is larger than the page's memory should be. */
export interface OpfsSink extends BlobSink {
  /** The whole file, once the sink is closed: for a link to download it, or to be copied to where the user says. @throws INVALID_ARGUMENT before */
  file(): Promise<File>;
  /** Removes it. May be called twice; a page that goes away without leaves it to the next `opfsSink`. */
  release(): Promise<void>;
}

/**
 * A file in the origin private file system, written in a worker of its own, so that nothing waits for the disk where the page is drawn.
 *
 * @throws UNSUPPORTED, STORE_FULL, INTERNAL; so do the methods of the sink
 */
export async function opfsSink(): Promise<OpfsSink> {
  const spawn = () =>
    webWorker(new Worker(new URL('./opfs.worker.ts', import.meta.url), { type: 'module', name: 'perigee-file' }));
  const worker = createPool<OpfsJobs>({ spawn, size: 1 });
  let state: 'open' | 'closed' | 'gone' = 'open';
  const expect = (due: typeof state): void => {
    if (state !== due) throw new PerigeeError('INVALID_ARGUMENT', `the file is ${state}, not ${due}`);
  };
  const remove = async (): Promise<void> => {
    if (state === 'gone') return;
    state = 'gone';
    await worker.run('remove', undefined).catch(() => {}); // what stays is removed by the next one
    await worker.close();
  };
  try {
    await worker.run('open', { name: toHex(crypto.getRandomValues(new Uint8Array(16))) });
  } catch (error) {
    await worker.close();
    throw error;
  }
  return {
    async write(bytes) {
      expect('open');
      // a view on something larger must not take that along
      const whole = bytes.length === bytes.buffer.byteLength ? bytes : bytes.slice();
      await worker.run('write', { bytes: whole }, { transfer: [whole.buffer as ArrayBuffer] });
    },
    async close() {
      expect('open');
      await worker.run('close', undefined);
      state = 'closed';
    },
    abort: remove,
    async file() {
      expect('closed');
      return worker.run('file', undefined);
    },
    release: remove,
  };
}
