import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import type { Clock } from '@perigee/light-core/roles';
import {
  COMET_RESTART_MAX_MS,
  COMET_RESTART_MS,
  COMET_STEADY_MS,
  COMET_STOP_MS,
  MAX_COMET_RESTARTS,
  type PerigeeError,
} from '@perigee/wire';
import { isFinal, lastWords, saysStopped } from './last-words.ts';

export interface CometProcessOptions {
  readonly program: string;
  /** Its `--home`, prepared. */
  readonly home: string;
  /** Socket of its RPC; what a killed one left there is removed. */
  readonly rpcSocket: string;
  readonly clock: Clock;
  /** Told each line that it writes. */
  readonly onLine: (line: string) => void;
  /** Knows why it ended where its last words are not the reason: it ends when the application fails. */
  readonly explain: (lastWords: PerigeeError) => PerigeeError;
  /** Told why it ended, before it is started again. */
  readonly onEnd: (error: PerigeeError) => void;
}

/** Lines that are remembered, to tell why it ended: a Go program that panics writes its stacks behind the reason. */
const REMEMBERED_LINES = 400;

/** Runs CometBFT, and starts it again when it ends by itself: after a while that doubles, and not without end. */
export class CometProcess {
  readonly #options: CometProcessOptions;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;

  constructor(options: CometProcessOptions) {
    this.#options = options;
  }

  /** Its process, while it runs. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /**
   * Run until `stop`.
   *
   * @throws why it ended, when it did so again and again, or would
   */
  async run(): Promise<void> {
    const { clock, explain, onEnd } = this.#options;
    const { signal } = this.#stopping;
    for (let restarts = 0; !signal.aborted; restarts++) {
      const began = clock.now();
      const error = explain(await this.#once());
      if (signal.aborted) return;
      if (clock.now() - began >= COMET_STEADY_MS) restarts = 0;
      if (restarts >= MAX_COMET_RESTARTS || isFinal(error)) throw error;
      onEnd(error);
      await clock.sleep(Math.min(COMET_RESTART_MS * 2 ** restarts, COMET_RESTART_MAX_MS), signal).catch(() => {});
    }
  }

  /** SIGTERM, and SIGKILL when that does not end it. Resolves when there is no process. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    const child = this.#child;
    if (child === undefined) return;
    const ended = once(child, 'close');
    child.kill('SIGTERM');
    const timer = setTimeout(() => child.kill('SIGKILL'), COMET_STOP_MS);
    await ended;
    clearTimeout(timer);
  }

  /** @returns why it ended */
  async #once(): Promise<PerigeeError> {
    const { program, home, rpcSocket, onLine } = this.#options;
    await rm(rpcSocket, { force: true });
    if (this.#stopping.signal.aborted) return lastWords([], 'no start');
    const child = spawn(program, ['start', '--home', home], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#child = child;
    // a process that ends takes its CometBFT along; one that is killed does so by its sockets
    const onExit = () => void child.kill('SIGKILL');
    process.once('exit', onExit);
    const lines: string[] = [];
    for (const input of [child.stdout, child.stderr]) {
      createInterface({ input }).on('line', (line) => {
        lines.push(line);
        if (lines.length > REMEMBERED_LINES) lines.shift();
        onLine(line);
        if (saysStopped(line)) child.kill('SIGKILL');
      });
    }
    const how = await new Promise<string>((resolve) => {
      child.once('error', (error) => resolve(error.message));
      child.once('close', (code, signal) => resolve(signal ?? `exit code ${code}`));
    });
    process.removeListener('exit', onExit);
    this.#child = undefined;
    return lastWords(lines, how);
  }
}
