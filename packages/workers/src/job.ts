import type { Transferred } from './transfer.ts';

/** What a job gets besides its input. */
export interface JobContext {
  /** Fires when the caller gave up; a long job looks at it between steps. What it returns afterwards is dropped. */
  readonly signal: AbortSignal;
}

/**
 * The jobs of one worker by name. A job runs alone in its worker until its promise settles, so it may use the worker's memory freely.
 * Inputs and outputs are structured clones. Type parameters are erased here so that every table fits; `createPool<typeof table>` keeps them.
 */
export type JobTable = { readonly [name: string]: (input: never, context: JobContext) => unknown };

export type JobName<Table extends JobTable> = keyof Table & string;
export type JobInput<Table extends JobTable, Name extends JobName<Table>> = Parameters<Table[Name]>[0];
export type JobOutput<Table extends JobTable, Name extends JobName<Table>> =
  Awaited<ReturnType<Table[Name]>> extends infer Output ? (Output extends Transferred<infer Value> ? Value : Output) : never;
