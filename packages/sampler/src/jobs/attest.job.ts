import { webCryptoAttest } from '@perigee/light-core/attest';
import { serveJobs } from '@perigee/workers';
import { createAttestJobs } from '../attest/attest-jobs.ts';

serveJobs(createAttestJobs(webCryptoAttest(globalThis.crypto.subtle)));
