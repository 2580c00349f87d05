import { concat } from '@perigee/wire';
import type { BlobSink } from '../src/index.ts';

/** A sink that keeps what it is given, and what became of it. */
export interface MemorySink extends BlobSink {
  readonly state: 'open' | 'closed' | 'aborted';
  bytes(): Uint8Array;
}

export function memorySink(): MemorySink {
  const pieces: Uint8Array[] = [];
  let state: MemorySink['state'] = 'open';
  return {
    get state() {
      return state;
    },
    bytes: () => concat(...pieces),
    async write(bytes) {
      if (state !== 'open') throw new Error(`a ${state} sink is written to`);
      pieces.push(bytes);
    },
    async close() {
      if (state !== 'open') throw new Error(`a ${state} sink is closed`);
      state = 'closed';
    },
    async abort() {
      if (state === 'closed') throw new Error('a closed sink is aborted');
      state = 'aborted';
      pieces.length = 0;
    },
  };
}
