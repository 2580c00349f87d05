import { serveJobs } from '@perigee/workers';
import { createEmbeddingsEnJobs } from '../engines/embeddings-en-jobs.ts';

serveJobs(createEmbeddingsEnJobs());
