import { serveJobs } from '@perigee/workers';
import { createInt8Jobs } from '../engines/int8-jobs.ts';

const table = createInt8Jobs();
serveJobs(table);
export type Int8Jobs = typeof table;
