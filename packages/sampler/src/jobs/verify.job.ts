import { bestEd25519 } from '@perigee/light-core/signature';
import { serveJobs } from '@perigee/workers';
import { loadCodec } from '@perigee/workers/codec';
import { createVerifier } from '../verify/verifier.ts';

let codec: ReturnType<typeof loadCodec> | undefined;

const table = createVerifier({
  codec: () => {
    codec ??= loadCodec().catch((error) => {
      codec = undefined; // the next blob tries again
      throw error;
    });
    return codec;
  },
  verifyEd25519: bestEd25519(globalThis.crypto?.subtle),
  performanceNow: () => performance.now(),
});

serveJobs(table);
