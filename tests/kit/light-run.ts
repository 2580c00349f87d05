/** `perigee light` as a process of its own, watched from outside: what Linux says of its memory, and what its metrics say of the rest. */
import { setTimeout as sleep } from 'node:timers/promises';
import { temporaryFolder } from './folder.ts';
import { residentOf } from './memory.ts';
import { startPerigee, type TestProcess } from './process.ts';

/** What is read at one moment. */
export interface LightSample {
  /** Since the process was ready, milliseconds. */
  readonly atMs: number;
  /** Resident memory, MB of a million bytes; `undefined` where the system does not tell. */
  readonly rssMb: number | undefined;
  /** Processor time since its start, milliseconds. */
  readonly cpuMs: number;
  /** Came and went since its start. */
  readonly bytes: number;
  readonly rowsVerified: number;
  /** Caps that held up sampling. */
  readonly throttledBy: readonly string[];
}

export interface LightRun {
  readonly process: TestProcess;
  sample(): Promise<LightSample>;
  /** Looks every so often, until the time is over. */
  samples(ms: number, everyMs: number): Promise<LightSample[]>;
}

/** @param words more of its command line */
export async function startLightRun(chain: string, words: readonly string[] = []): Promise<LightRun> {
  const home = temporaryFolder('light-run');
  const child = startPerigee(['light', '--home', home, '--chain', chain, '--serve', '127.0.0.1:0', ...words]);
  const { serve } = await child.ready();
  const startedAt = performance.now();
  const sample = async (): Promise<LightSample> => {
    const response = await fetch(`${serve}/metrics`);
    if (!response.ok) throw new Error(`metrics were answered with ${response.status}`);
    const text = await response.text();
    const rss = residentOf(child.pid);
    return {
      atMs: performance.now() - startedAt,
      rssMb: rss === undefined ? undefined : rss / 1e6,
      cpuMs: figure(text, 'process_cpu_seconds_total') * 1_000,
      bytes: figure(text, 'perigee_received_bytes_total') + figure(text, 'perigee_sent_bytes_total'),
      rowsVerified: figure(text, 'perigee_rows_verified_total'),
      throttledBy: [...text.matchAll(/^perigee_throttled\{budget="(\w+)"\} 1$/gm)].map(([, name = '']) => name),
    };
  };
  return {
    process: child,
    sample,
    async samples(ms, everyMs) {
      const taken: LightSample[] = [];
      while (performance.now() - startedAt < ms) {
        await sleep(everyMs);
        taken.push(await sample());
      }
      return taken;
    },
  };
}

function figure(text: string, name: string): number {
  const value = new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1];
  if (value === undefined) throw new Error(`there is no ${name} in the metrics`);
  return Number(value);
}
