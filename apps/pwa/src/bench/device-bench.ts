import { codecThreads } from '@perigee/da';
import { type DeviceFigure, measureDevice } from '@perigee/da/measure';
import { PerigeeError } from '@perigee/wire';
import { type Signal, signal } from '@preact/signals';
import { saveFile } from '../files/save-file.ts';
import type { Model } from '../model/index.ts';

/** Where the bench of this page stands. It goes on while another view is shown. */
export type BenchState =
  | { readonly phase: 'idle' | 'stopped' }
  | { readonly phase: 'running' /** 0 to 1 */; readonly done: number }
  | { readonly phase: 'done'; readonly figures: readonly DeviceFigure[]; readonly threads: number }
  | { readonly phase: 'failed'; readonly message: string };

export interface DeviceBench {
  readonly state: Signal<BenchState>;
  start(): Promise<void>;
  stop(): void;
  /** Hands the figures to the browser's downloads. */
  save(): void;
}

/** One for each model: a page has one. */
const benches = new WeakMap<Model, DeviceBench>();

export function benchOf(model: Model): DeviceBench {
  const bench = benches.get(model) ?? createBench();
  benches.set(model, bench);
  return bench;
}

/** @param measure what measures; tests give smaller rows */
export function createBench(measure: typeof measureDevice = measureDevice): DeviceBench {
  const state = signal<BenchState>({ phase: 'idle' });
  let running: AbortController | undefined;
  return {
    state,
    async start() {
      if (running !== undefined) return;
      const controller = new AbortController();
      running = controller;
      state.value = { phase: 'running', done: 0 };
      const threads = codecThreads(navigator.hardwareConcurrency);
      try {
        const figures = await measure({
          threads,
          signal: controller.signal,
          onProgress: (done) => {
            if (!controller.signal.aborted) state.value = { phase: 'running', done };
          },
        });
        state.value = { phase: 'done', figures, threads };
      } catch (error) {
        const { message } = PerigeeError.from(error);
        state.value = controller.signal.aborted ? { phase: 'stopped' } : { phase: 'failed', message };
      } finally {
        running = undefined;
      }
    },
    stop() {
      running?.abort();
    },
    save() {
      if (state.value.phase !== 'done') return;
      const { figures, threads } = state.value;
      const machine = { cores: navigator.hardwareConcurrency, threads, browser: navigator.userAgent };
      const text = `${JSON.stringify({ version: 1, machine, figures }, null, 2)}\n`;
      saveFile(new Blob([text], { type: 'application/json' }), 'perigee-bench.json');
    },
  };
}
