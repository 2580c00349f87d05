import { serveJobs } from '@perigee/workers';
import { loadFileHasher } from '@perigee/workers/codec';
import { createFileJobs } from '../files/file-jobs.ts';

serveJobs(createFileJobs(loadFileHasher));
