import { serveJobs } from '../../packages/workers/src/index.ts';
import { measureAttest } from '../attest-measure.ts';

const jobs = { attest: measureAttest };

export type AttestJobs = typeof jobs;
serveJobs(jobs);
