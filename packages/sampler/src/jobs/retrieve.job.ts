import { serveJobs } from '@perigee/workers';
import { loadCodec } from '@perigee/workers/codec';
import { createRetriever } from '../retrieve/retriever.ts';

serveJobs(createRetriever(loadCodec));
