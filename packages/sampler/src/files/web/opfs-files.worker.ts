import { serveJobs } from '@perigee/workers';
import { createOpfsFilesJobs } from './opfs-files-jobs.ts';

serveJobs(createOpfsFilesJobs());
