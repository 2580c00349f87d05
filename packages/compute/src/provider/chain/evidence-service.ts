import { type Host, serve } from '@perigee/net';
import { providerEvidenceProtocol } from '@perigee/net/inference';
import { MAX_PROVIDER_EVIDENCE_REQUEST_BURST, MAX_PROVIDER_EVIDENCE_REQUESTS_PER_SECOND } from '@perigee/wire';
import type { EvidenceFiles } from './evidence-files.ts';

/** Hands out what a provider's registration names by its hashes, for anyone to verify. @returns ends the service */
export async function serveProviderEvidence(host: Host, files: Pick<EvidenceFiles, 'get'>): Promise<() => Promise<void>> {
  return serve(
    host,
    providerEvidenceProtocol,
    async ({ evidenceId, collateralId }) => {
      const [evidence, collateral] = await Promise.all([files.get(evidenceId), files.get(collateralId)]);
      return { ...(evidence && { evidence }), ...(collateral && { collateral }) };
    },
    { requestsPerSecond: MAX_PROVIDER_EVIDENCE_REQUESTS_PER_SECOND, requestBurst: MAX_PROVIDER_EVIDENCE_REQUEST_BURST },
  );
}
