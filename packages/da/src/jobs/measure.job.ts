import { serveJobs } from '@perigee/workers';
import { loadCodec } from '@perigee/workers/codec';
import { createMeasureJobs } from '../measure/measure-jobs.ts';

serveJobs(createMeasureJobs(loadCodec));
