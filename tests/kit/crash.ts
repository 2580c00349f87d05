/** Kills processes inside their writes, and cuts their files: what a power cut leaves behind. */
import { existsSync, readdirSync, readFileSync, realpathSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder } from './folder.ts';
import type { TestProcess } from './process.ts';
import type { Random } from './random.ts';

const HOOK = new URL('./crash-hook.mjs', import.meta.url).href;
/** A process that has not come to the operation by then is killed outside of one, and does not count. */
const ROUND_MS = 120_000;
/** Longest time from the beginning of a flush, or of an operation of LevelDB, to the kill. */
const MAX_SPIN_MICROS = 400;
/** Files of LevelDB that no crash cuts: it flushes them before it names them. Its log (`000003.log`) is cut like any file. */
const LEVELDB_OWN = /^(CURRENT|LOCK|LOG(\.old)?|MANIFEST-\d+|\d+\.(ldb|sst|dbtmp))$/;

export interface CrashPlan {
  /** What happens to files below it is counted, and one of them may be cut. */
  readonly folder: string;
  /** The operation that is not survived, 1 the first. */
  readonly operation: number;
  readonly random: Random;
  /**
   * What happens to the file that was written last, before the next start: `unsynced` takes a part of what no completed flush covers, as a
   * power cut may; `any` takes a part of it, flushed or not.
   */
  readonly cut?: 'unsynced' | 'any' | undefined;
}

/** A kill that fell inside an operation. */
export interface Crash {
  readonly operation: number;
  readonly kind: 'write' | 'flush' | 'leveldb' | 'rename' | 'delete' | 'truncate';
  readonly path: string;
  /** Of a write: bytes it was asked to write, and those that it wrote before the kill. */
  readonly bytes: number;
  readonly written: number | undefined;
  readonly cut: { readonly path: string; readonly from: number; readonly to: number } | undefined;
}

/** A crash that waits to happen. */
export interface PlannedCrash {
  /** Environment of the process that it shall happen to. */
  readonly env: Readonly<Record<string, string>>;
  /**
   * Waits for the end of the process, and cuts the file.
   *
   * @returns `undefined` when the kill did not fall inside the operation: the process ended before it, or was stopped
   */
  happened(child: TestProcess): Promise<Crash | undefined>;
}

export function planCrash({ folder, operation, random, cut }: CrashPlan): PlannedCrash {
  const report = join(temporaryFolder('crash-report'), 'report.json');
  const real = realpathSync(folder);
  const share = random.u32() / 2 ** 32;
  const hook = { folder: real, operation, share, spinMicros: random.below(MAX_SPIN_MICROS), report };
  return {
    env: {
      PERIGEE_CRASH: JSON.stringify(hook),
      NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${HOOK}`.trim(),
    },
    async happened(child) {
      await child.exit;
      if (!existsSync(report)) return undefined;
      const { flushed, order, ...crash } = JSON.parse(readFileSync(report, 'utf8')) as Crash & Files;
      const kept = cut === 'any' ? {} : flushed;
      return { ...crash, cut: cut && cutLastFile(real, random, { flushed: kept, order }) };
    },
  };
}

export interface CrashRounds extends Omit<CrashPlan, 'operation'> {
  /** Kills inside operations that are wanted; others do not count. */
  readonly rounds: number;
  /** The operation of each round is drawn from 1 to this. */
  readonly within: number;
  /** Starts the process with this environment; `round` counts all starts. */
  readonly start: (env: Readonly<Record<string, string>>, round: number) => TestProcess | Promise<TestProcess>;
  /** Restarts, and throws when something is lost. */
  readonly check: (crash: Crash, child: TestProcess, round: number) => Promise<void>;
}

export interface CrashTally {
  readonly kills: number;
  readonly byKind: Readonly<Record<string, number>>;
  /** Writes of which a part was on disk. */
  readonly torn: number;
  readonly cuts: number;
}

/**
 * Starts, kills inside a write, checks, again and again.
 *
 * @throws what `check` throws, and Error when too many processes end before their operation
 */
export async function crashRounds({ rounds, within, start, check, ...plan }: CrashRounds): Promise<CrashTally> {
  const crashes: Crash[] = [];
  for (let round = 0; crashes.length < rounds; round++) {
    if (round >= 3 * rounds + 10) throw new Error(`${crashes.length} of ${round} processes came to their operation of ${within}`);
    const planned = planCrash({ ...plan, operation: plan.random.between(1, within) });
    const child = await start(planned.env, round);
    const timer = setTimeout(() => void child.kill(), ROUND_MS);
    const crash = await planned.happened(child);
    clearTimeout(timer);
    if (crash === undefined) continue;
    crashes.push(crash);
    await check(crash, child, round);
  }
  return tally(crashes);
}

function tally(crashes: readonly Crash[]): CrashTally {
  const byKind: Record<string, number> = {};
  for (const { kind } of crashes) byKind[kind] = (byKind[kind] ?? 0) + 1;
  const torn = crashes.filter(({ written = 0, bytes }) => written > 0 && written < bytes).length;
  return { kills: crashes.length, byKind, torn, cuts: crashes.filter(({ cut }) => cut !== undefined).length };
}

/** What the process knew of its files. */
interface Files {
  /** Bytes that are flushed, by path. */
  readonly flushed: Readonly<Record<string, number>>;
  /** Written, the last at the end. */
  readonly order: readonly string[];
}

/** Cuts the file that was written last, of those that are longer than what must stay. */
function cutLastFile(folder: string, random: Random, { flushed, order }: Files): Crash['cut'] {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !LEVELDB_OWN.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => ({ path, kept: flushed[path] ?? 0, size: statSync(path).size }))
    .filter(({ path, size, kept }) => size > kept && order.includes(path));
  const [last] = files.sort((a, b) => order.indexOf(b.path) - order.indexOf(a.path));
  if (last === undefined) return undefined;
  const to = random.between(last.kept, last.size - 1);
  truncateSync(last.path, to);
  return { path: last.path, from: last.size, to };
}
