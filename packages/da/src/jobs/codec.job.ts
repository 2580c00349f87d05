import { serveJobs } from '@perigee/workers';
import { loadCodec, loadCodecThread, loadFileHasher } from '@perigee/workers/codec';
import { createCodecJobs } from '../codec/codec-jobs.ts';

serveJobs(createCodecJobs(loadCodec, loadFileHasher, loadCodecThread));
