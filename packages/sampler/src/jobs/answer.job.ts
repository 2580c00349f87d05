import { bestEd25519 } from '@perigee/light-core/signature';
import { serveJobs } from '@perigee/workers';
import { createAnswerJobs } from '../compute/answers/answer-jobs.ts';

serveJobs(createAnswerJobs(bestEd25519(globalThis.crypto.subtle)));
