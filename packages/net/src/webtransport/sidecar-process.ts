import { type ChildProcess, spawn } from 'node:child_process';
import type { Clock } from '@perigee/light-core/roles';
import {
  MAX_SIDECAR_RETRY_MS,
  PerigeeError,
  SIDECAR_RETRY_MS,
  SIDECAR_START_MS,
  SIDECAR_STEADY_MS,
  SIDECAR_STOP_MS,
} from '@perigee/wire';
import { BRIDGE_VERSION, type PemPair, type SidecarOrder, type SidecarReport } from './bridge.ts';
import { ReportLines } from './report-lines.ts';

/** A heap of V8 in the sidecar, MiB: its buffers lie outside of it and are counted by the sidecar itself. */
const HEAP_MIB = 256;
/** What is kept of what it complains about, characters. */
const MAX_COMPLAINT = 500;

export interface SidecarParts {
  /** Path of the program. */
  readonly deno: string;
  /** Path of the bundle `webtransport.job.js`. */
  readonly program: string;
  readonly host: string;
  readonly port: number;
  /** Path of the socket on which sessions arrive, and a folder for what Deno wants to write. */
  readonly socket: string;
  readonly folder: string;
  readonly clock: Clock;
  readonly certificate: () => PemPair;
  /** Told whenever it begins to listen, and whenever it has ended, with what it said last. */
  readonly onUp: () => void;
  readonly onDown: (complaint: string) => void;
}

/** The process that terminates QUIC: started again when it ends, with pauses that grow, until `stop`. */
export class SidecarProcess {
  readonly #parts: SidecarParts;
  readonly #stopping = new AbortController();
  #child: ChildProcess | undefined;
  #running: Promise<void> = Promise.resolve();

  constructor(parts: SidecarParts) {
    this.#parts = parts;
  }

  /** `undefined` while there is none. */
  get pid(): number | undefined {
    return this.#child?.pid;
  }

  /** Resolves when it listens. @throws UNREACHABLE when the first one does not, with what it said */
  start(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#running = this.#keep(resolve, reject);
    });
  }

  /** Has connections to come shown the certificate that there is now. */
  renew(): void {
    if (this.#child !== undefined) order(this.#child, { certificate: this.#parts.certificate() });
  }

  /** Resolves when no process is left. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    this.#child?.stdin?.end();
    const child = this.#child;
    const timer = setTimeout(() => child?.kill('SIGKILL'), SIDECAR_STOP_MS);
    await this.#running;
    clearTimeout(timer);
  }

  async #keep(onFirst: () => void, onNone: (error: PerigeeError) => void): Promise<void> {
    const { clock, onUp, onDown } = this.#parts;
    const { signal } = this.#stopping;
    let pause = SIDECAR_RETRY_MS;
    let isFirst = true;
    while (!signal.aborted) {
      let upAt: number | undefined;
      const complaint = await this.#run(() => {
        upAt = clock.now();
        isFirst = false;
        onUp();
        onFirst();
      });
      if (isFirst) return onNone(new PerigeeError('UNREACHABLE', `Deno does not listen for WebTransport: ${complaint}`));
      if (signal.aborted) return;
      onDown(complaint);
      if (upAt !== undefined && clock.now() - upAt >= SIDECAR_STEADY_MS) pause = SIDECAR_RETRY_MS;
      await clock.sleep(pause, signal).catch(() => {});
      pause = Math.min(pause * 2, MAX_SIDECAR_RETRY_MS);
    }
  }

  /** One process from its start to its end. @returns what it said last */
  #run(onListening: () => void): Promise<string> {
    const { deno, program, host, port, socket, folder } = this.#parts;
    const address = `${host.includes(':') ? `[${host}]` : host}:${port}`;
    const child = spawn(
      deno,
      [
        'run',
        '--quiet',
        '--no-prompt',
        '--no-config',
        '--no-lock',
        '--no-remote',
        '--no-npm',
        '--unstable-net',
        `--v8-flags=--max-old-space-size=${HEAP_MIB}`,
        `--allow-net=${address},unix:${socket}`,
        `--allow-read=${socket}`,
        `--allow-write=${socket}`,
        program,
      ],
      { cwd: folder, env: { DENO_DIR: folder, DENO_NO_UPDATE_CHECK: '1', NO_COLOR: '1' }, stdio: ['pipe', 'pipe', 'pipe'] },
    );
    // with no file left to open there is not even a way to speak to it
    if (child.pid === undefined) return new Promise((resolve) => child.once('error', ({ message }) => resolve(message)));
    this.#child = child;
    let complaint = '';
    child.stdin.on('error', () => {}); // it has ended, which `close` tells
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = `${complaint}${chunk}`.slice(-MAX_COMPLAINT);
    });
    const late = setTimeout(() => child.kill('SIGKILL'), SIDECAR_START_MS);
    const lines = new ReportLines();
    child.stdout.setEncoding('utf8').on('data', (piece: string) => {
      for (const report of lines.push(piece).map(readReport)) {
        if (report === undefined) continue;
        if ('fault' in report) complaint = report.fault.slice(0, MAX_COMPLAINT);
        else {
          clearTimeout(late);
          onListening();
        }
      }
    });
    order(child, { version: BRIDGE_VERSION, host, port, socket, certificate: this.#parts.certificate() });
    if (this.#stopping.signal.aborted) child.stdin.end();
    return new Promise((resolve) => {
      let how = '';
      child.on('error', () => {}); // `close` follows
      child.once('close', (code, signal) => {
        how = `it ended with ${signal ?? `code ${code}`}`;
        done();
      });
      const done = (): void => {
        clearTimeout(late);
        this.#child = undefined;
        resolve(complaint.trim() || how);
      };
    });
  }
}

function order(child: ChildProcess, what: SidecarOrder): void {
  if (child.stdin?.writable) child.stdin.write(`${JSON.stringify(what)}\n`);
}

function readReport(line: string): SidecarReport | undefined {
  try {
    const report = JSON.parse(line) as Partial<Record<'listening' | 'fault', unknown>> | null;
    if (report?.listening === true) return { listening: true };
    return typeof report?.fault === 'string' ? { fault: report.fault } : undefined;
  } catch {
    return undefined;
  }
}
