import { serveJobs } from '@perigee/workers';
import { createLearnJobs } from '../training/learn-jobs.ts';

const table = createLearnJobs();
serveJobs(table);
export type LearnJobs = typeof table;
