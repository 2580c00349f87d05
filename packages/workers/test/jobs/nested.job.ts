import { spawnProbe } from '#test-workers';
import { serveJobs } from '../../src/index.ts';
import { checks } from '../checks.ts';

/** Runs a check of the suite here, so that the pool under test lives in a worker and its workers are nested. */
const jobs = {
  check: async (name: string) => {
    await checks[name]?.(spawnProbe);
    return name in checks;
  },
};

export type NestedJobs = typeof jobs;
serveJobs(jobs);
