import { serveJobs } from '@perigee/workers';
import { detectEd25519 } from '../verification/native.ts';
import { createSignatureJobs } from '../verification/signature-jobs.ts';

serveJobs(createSignatureJobs(detectEd25519()));
