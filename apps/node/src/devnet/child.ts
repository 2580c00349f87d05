import { type ChildProcess, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import { isErrorCode, PerigeeError } from '@perigee/wire';

/** A node gets this long to end by itself, milliseconds. */
const STOP_MS = 8_000;

/** A program of the devnet in a process of its own. */
export interface Child {
  readonly pid: number;
  /** What it said when it was ready. */
  readonly ready: unknown;
  /** Resolves when the process has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Resolves after `ended` with why it has, in its last words. */
  readonly lastWords: Promise<PerigeeError>;
  /** SIGTERM, and SIGKILL if that is not enough. */
  stop(): Promise<void>;
}

/**
 * Starts `perigee` once more and waits until it says that it is ready.
 *
 * @param argv its words
 * @param on.line called with each further line that it writes
 * @param on.message called with what it tells over its channel
 * @throws INTERNAL when it ends before it was ready, with what it said last
 */
export async function startChild(
  argv: readonly string[],
  on: { readonly line: (line: string) => void; readonly message: (message: unknown) => void },
  signal: AbortSignal,
): Promise<Child> {
  const program = process.argv[1];
  if (program === undefined) throw new PerigeeError('INTERNAL', 'the path of this program is not known');
  const process_ = spawn(process.execPath, [...process.execArgv, program, ...argv], {
    stdio: ['pipe', 'pipe', 'pipe', 'ipc'],
  });
  const { stdout, stderr } = process_;
  if (stdout === null || stderr === null) throw new PerigeeError('INTERNAL', 'a process was started without its pipes');
  const ended = new Promise<void>((resolve) => {
    process_.once('exit', () => resolve());
    process_.once('error', () => resolve());
  });
  const stop = (): Promise<void> => stopProcess(process_, ended);
  // a parent that dies takes its children along
  const onExit = (): void => void process_.kill('SIGKILL');
  process.once('exit', onExit);
  void ended.then(() => process.removeListener('exit', onExit));
  process_.on('message', on.message);
  let last = '';
  const closed = new Promise<PerigeeError>((resolve) => {
    process_.once('close', () => resolve(lastWords(last))); // after the last line, which may come later than `exit`
    process_.once('error', (cause) => resolve(PerigeeError.from(cause)));
  });
  createInterface({ input: stderr }).on('line', (line) => {
    last = line;
    on.line(line);
  });
  const ready = await new Promise<unknown>((resolve, reject) => {
    const onAbort = (): void => {
      void stop();
      reject(new PerigeeError('ABORTED', 'the devnet was stopped while it started'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    createInterface({ input: stdout }).on('line', (line) => {
      if (!line.startsWith('READY ')) return on.line(line);
      signal.removeEventListener('abort', onAbort);
      resolve(JSON.parse(line.slice('READY '.length)));
    });
    void closed.then(reject);
  });
  return { pid: process_.pid ?? 0, ready, ended, lastWords: closed, stop };
}

/** What a program said as it ended, as the error that it was. */
function lastWords(line: string): PerigeeError {
  const [, words, code] = /^perigee: (.*) \[([A-Z_]+)\]$/.exec(line) ?? [];
  if (words !== undefined && isErrorCode(code)) return new PerigeeError(code, words);
  return new PerigeeError('INTERNAL', line === '' ? 'it ended without a word' : `it ended, and said last: ${line}`);
}

async function stopProcess(process_: ChildProcess, ended: Promise<void>): Promise<void> {
  if (process_.exitCode !== null || process_.signalCode !== null) return;
  process_.kill('SIGTERM');
  const timer = setTimeout(() => process_.kill('SIGKILL'), STOP_MS);
  await ended;
  clearTimeout(timer);
}
