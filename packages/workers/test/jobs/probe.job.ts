import { PerigeeError } from '@perigee/wire';
import { serveJobs, transfer } from '../../src/index.ts';

let remembered = 0;
let cancelled = 0;

/** Jobs that show what a worker gets, and ways in which one goes wrong. */
const jobs = {
  echo: (input: unknown) => input,
  fill: ({ buffer, value }: { buffer: ArrayBuffer; value: number }) => {
    new Uint8Array(buffer).fill(value);
    return transfer(buffer, [buffer]);
  },
  /** Adds 1 to each 32-bit word of shared memory. */
  increment: (words: Int32Array) => {
    for (let i = 0; i < words.length; i++) Atomics.add(words, i, 1);
  },
  remember: (value: number) => {
    remembered = value;
  },
  recall: () => remembered,
  refuse: () => {
    throw new PerigeeError('ROW_PATH', 'the path is wrong', {
      data: { index: 7 },
      cause: new PerigeeError('PARSE', 'too short'),
    });
  },
  throwString: () => {
    throw 'words only';
  },
  unsendable: () => () => undefined,
  untilAborted: (_: null, { signal }: { signal: AbortSignal }) =>
    new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => {
        cancelled++;
        resolve();
      });
    }),
  countCancelled: () => cancelled,
  endless: () => {
    for (;;);
  },
  /** Dies as a worker dies: by an error that nobody catches. */
  die: () =>
    new Promise(() => {
      setTimeout(() => {
        throw new Error('dies on purpose');
      });
    }),
};

export type ProbeJobs = typeof jobs;
serveJobs(jobs);
