import type { CodecThread, RowCommitment, ThreadPlan } from '@perigee/wasm-codec';
import { type Step, takeRuns } from './take-runs.ts';

/** A thread of a blob. `id` names the memory: a worker keeps the thread that it has, until another is wanted. */
export interface ThreadAt {
  readonly id: number;
  readonly plan: ThreadPlan;
  readonly index: number;
}

type Made = Omit<RowCommitment, 'tree'>;

/** Jobs of one thread among several that extend a blob. */
export function createThreadJobs(load: (memory: WebAssembly.Memory, index: number) => Promise<CodecThread>) {
  let kept: { readonly id: number; readonly memory: WebAssembly.Memory; readonly thread: CodecThread } | undefined;

  const threadOf = async ({ id, plan, index }: ThreadAt, shared?: WebAssembly.Memory) => {
    if (kept?.id === id) return kept;
    kept = undefined; // its memory can go before there is another
    const memory = shared ?? new WebAssembly.Memory({ initial: plan.pages, maximum: plan.pages });
    kept = { id, memory, thread: await load(memory, index) };
    return kept;
  };

  return {
    /** A step of all threads in one memory. */
    step: async (input: ThreadAt & { readonly memory: WebAssembly.Memory; readonly step: Step }): Promise<void> => {
      const { plan, memory, step } = input;
      const { thread } = await threadOf(input, memory);
      const control = new Int32Array(memory.buffer, plan.control);
      const count = { extend: plan.columnRuns, hash: plan.hashRuns, combine: plan.combinedRuns }[step];
      thread[step](plan, takeRuns(control, step, count));
    },

    finish: async (input: ThreadAt & { readonly memory: WebAssembly.Memory }): Promise<Made> => {
      const { thread } = await threadOf(input, input.memory);
      return thread.finish(input.plan);
    },
  };
}

export type ThreadJobs = ReturnType<typeof createThreadJobs>;
