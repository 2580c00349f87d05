import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import { atEnd } from './end.ts';

const PERIGEE = fileURLToPath(new URL('../../dist/node/perigee.js', import.meta.url));
const READY_MS = 120_000; // a devnet of four starts in 5 s, and took more than 60 on two cores that twenty programs shared
const STOP_MS = 30_000;

export interface Exit {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
}

export interface ProcessOptions {
  /** Added to this process's environment. */
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
}

/** A Node process under test. It is killed with this process at the latest, however the test went. */
export interface TestProcess {
  readonly pid: number;
  /** Everything that it wrote so far, standard output and error as they came. */
  output(): string;
  stdout(): string;
  /**
   * The first line of standard output that matches, past or future.
   *
   * @throws Error with all the output, when the process ends or the time is over first
   */
  line(pattern: RegExp, timeoutMs?: number): Promise<RegExpExecArray>;
  /** The value that the process printed as `READY {json}`. */
  ready(timeoutMs?: number): Promise<Record<string, unknown>>;
  /** SIGTERM, and SIGKILL when it has not ended within 30 seconds. */
  stop(): Promise<Exit>;
  /** SIGKILL: what a power cut does to a process. */
  kill(): Promise<Exit>;
  readonly exit: Promise<Exit>;
}

/** Starts `node <file> ...args`. */
export function startProcess(file: string, args: readonly string[] = [], { env = {}, cwd }: ProcessOptions = {}): TestProcess {
  const child = spawn(process.execPath, [file, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...env },
    detached: process.platform !== 'win32', // leads a group, so that its children end with it
    ...(cwd === undefined ? {} : { cwd }),
  });
  atEnd(() => killGroup(child.pid));
  return watch(child, [file, ...args].join(' '));
}

/** Ends a process that was started here, and all that it started. */
function killGroup(pid: number | undefined): void {
  try {
    if (pid !== undefined) process.kill(process.platform === 'win32' ? pid : -pid, 'SIGKILL');
  } catch {
    // all have ended
  }
}

/** Starts `perigee ...args` as it was built. */
export function startPerigee(args: readonly string[], options?: ProcessOptions): TestProcess {
  if (!existsSync(PERIGEE)) throw new Error(`${PERIGEE} was not built: run "npm run build"`);
  return startProcess(PERIGEE, args, options);
}

/** Runs `perigee ...args` to its end. */
export async function runPerigee(
  args: readonly string[],
  options?: ProcessOptions,
): Promise<Exit & { readonly stdout: string; readonly output: string }> {
  const child = startPerigee(args, options);
  return { ...(await child.exit), stdout: child.stdout(), output: child.output() };
}

function watch(child: ChildProcessByStdio<null, Readable, Readable>, name: string): TestProcess {
  let stdout = '';
  let output = '';
  const listeners = new Set<() => void>();
  const onText = (text: string, isStdout: boolean): void => {
    output += text;
    if (isStdout) stdout += text;
    for (const listener of listeners) listener();
  };
  child.stdout.setEncoding('utf8').on('data', (text: string) => onText(text, true));
  child.stderr.setEncoding('utf8').on('data', (text: string) => onText(text, false));
  const exit = new Promise<Exit>((resolve) => {
    child.once('error', (error) => onText(String(error), false));
    child.once('close', (code, signal) => resolve({ code, signal }));
  });

  function line(pattern: RegExp, timeoutMs = READY_MS): Promise<RegExpExecArray> {
    return new Promise((resolve, reject) => {
      const finish = (settle: () => void): void => {
        clearTimeout(timer);
        listeners.delete(look);
        settle();
      };
      const fail = (why: string) => finish(() => reject(new Error(`${name} ${why} without a line ${pattern}:\n${output}`)));
      const look = (): void => {
        // what follows the last line break may be half a line
        for (const text of stdout.split('\n').slice(0, -1)) {
          const match = pattern.exec(text);
          if (match !== null) {
            finish(() => resolve(match));
            return;
          }
        }
      };
      const timer = setTimeout(() => fail(`ran for ${timeoutMs} ms`), timeoutMs);
      listeners.add(look);
      void exit.then(({ code, signal }) => fail(`ended with ${signal ?? code}`));
      look();
    });
  }

  async function end(signal: 'SIGTERM' | 'SIGKILL'): Promise<Exit> {
    child.kill(signal);
    const timer = setTimeout(() => killGroup(child.pid), STOP_MS);
    const result = await exit;
    clearTimeout(timer);
    return result;
  }

  return {
    pid: child.pid ?? -1,
    output: () => output,
    stdout: () => stdout,
    line,
    async ready(timeoutMs) {
      const [, json = ''] = await line(/^READY (\{.*\})$/, timeoutMs);
      return JSON.parse(json) as Record<string, unknown>;
    },
    stop: () => end('SIGTERM'),
    kill: () => end('SIGKILL'),
    exit,
  };
}
