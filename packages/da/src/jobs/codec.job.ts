import { serveJobs } from '@perigee/workers';
import { loadCodec, loadFileHasher } from '@perigee/workers/codec';
import { createCodecJobs } from '../codec/codec-jobs.ts';

serveJobs(createCodecJobs(loadCodec, loadFileHasher));
