/**
 * Typed jobs over a Web Worker or a Node worker thread, alike in a page, in a worker and in Node, with and without shared memory.
 * The package knows no job. A package that owns one declares it in four small files:
 *
 * 1. `src/jobs/verify.job.ts` runs in the worker: `serveJobs(table)`, and `export type VerifyJobs = typeof table`.
 * 2. `src/verify-worker.ts` for Node: `spawnVerify = () => nodeWorker(nodeJob('verify', import.meta.url))`, from `@perigee/workers/node`;
 *    the build makes `dist/node/jobs/verify.job.js` of every `packages/*\/src/jobs/*.job.ts`, so a job's name is unique in the repository.
 * 3. `src/verify-worker.browser.ts`: `spawnVerify = () => webWorker(new Worker(new URL('./jobs/verify.job.ts', import.meta.url), { type: 'module' }))`,
 *    from `@perigee/workers/web`; Vite bundles the job because it sees that very expression.
 * 4. `package.json`: `"imports": { "#verify-worker": { "browser": "./src/verify-worker.browser.ts", "default": "./src/verify-worker.ts" } }`.
 *
 * The package then calls `createPool<VerifyJobs>({ spawn: spawnVerify, size: 2 })` with `spawnVerify` from `#verify-worker`.
 */
export { collectGarbage } from '#collect-garbage';
export { free } from './free.ts';
export type { JobContext, JobInput, JobName, JobOutput, JobTable } from './job.ts';
export { createPool, type Pool, type PoolOptions, type RunOptions } from './pool.ts';
export { serveJobs } from './serve.ts';
export { canShareMemory } from './shared.ts';
export { type Transferred, transfer } from './transfer.ts';
export type { WorkerEvents, WorkerLike } from './worker.ts';
