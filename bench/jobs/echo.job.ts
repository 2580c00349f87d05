import { serveJobs } from '../../packages/workers/src/index.ts';

const jobs = { echo: (input: unknown) => input };

export type EchoJobs = typeof jobs;
serveJobs(jobs);
