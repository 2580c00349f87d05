import { serveJobs } from '@perigee/workers';
import { createOpfsJobs } from './opfs-jobs.ts';

serveJobs(createOpfsJobs());
