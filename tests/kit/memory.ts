/** Peak memory of processes, by what Linux counts; elsewhere nothing is known. */
import { readdirSync, readFileSync } from 'node:fs';

const HOOK = new URL('./memory-hook.mjs', import.meta.url).href;

/** Environment of a Node process that shall say at its end how much it had. */
export const TELL_MEMORY = { NODE_OPTIONS: `${process.env.NODE_OPTIONS ?? ''} --import=${HOOK}`.trim() } as const;

/** MiB that a process said it had at most. @param output of a process that ran with `TELL_MEMORY` */
export function toldPeak(output: string): number | undefined {
  const kib = /^PEAK (\d+)$/m.exec(output)?.[1];
  return kib === undefined ? undefined : Math.round(Number(kib) / 1024);
}

/** MiB that a running process had at most. */
export function peakOf(pid: number): number | undefined {
  const kib = /^VmHWM:\s+(\d+) kB$/m.exec(statusOf(pid))?.[1];
  return kib === undefined ? undefined : Math.round(Number(kib) / 1024);
}

/** Bytes that a running process has in memory now. */
export function residentOf(pid: number): number | undefined {
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(statusOf(pid))?.[1];
  return kib === undefined ? undefined : Number(kib) * 1024;
}

/** MiB at most, of the browser with this profile: its own process, and the largest of those that show pages. */
export function peakOfBrowser(profile: string): { readonly browser: number | undefined; readonly page: number | undefined } {
  const pids = processes();
  const main = pids.find((pid) => commandOf(pid).includes(`--user-data-dir=${profile}`) && !commandOf(pid).includes('--type='));
  if (main === undefined) return { browser: undefined, page: undefined };
  const pages = pids.filter((pid) => commandOf(pid).includes('--type=renderer') && ancestors(pid).includes(main));
  const peaks = pages.map(peakOf).filter((peak) => peak !== undefined);
  return { browser: peakOf(main), page: peaks.length === 0 ? undefined : Math.max(...peaks) };
}

function processes(): number[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .map(Number);
  } catch {
    return []; // no such folder on this system
  }
}

function ancestors(pid: number): number[] {
  const parent = Number(/^PPid:\s+(\d+)$/m.exec(statusOf(pid))?.[1] ?? 0);
  return parent === 0 ? [] : [parent, ...ancestors(parent)];
}

function statusOf(pid: number): string {
  return textOf(`/proc/${pid}/status`);
}

function commandOf(pid: number): string {
  return textOf(`/proc/${pid}/cmdline`).replaceAll('\0', ' ');
}

/** Empty for a process that has ended meanwhile. */
function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
