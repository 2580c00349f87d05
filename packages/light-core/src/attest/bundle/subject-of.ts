import { PerigeeError } from '@perigee/wire';
import { isIntelQuote, isSnpReport } from '../kind.ts';
import { subjectText } from './subject.ts';

/**
 * The subject of the collateral that evidence needs, as its bytes say. Nothing is verified.
 *
 * @throws UNSUPPORTED for evidence that needs none, or none that is bundled; ATTESTATION for bytes that cannot be read
 */
export async function subjectOfEvidence(bytes: Uint8Array): Promise<string> {
  if (isIntelQuote(bytes)) return subjectText((await import('../intel/index.ts')).subjectOfQuote(bytes));
  if (isSnpReport(bytes)) return subjectText((await import('../amd/index.ts')).subjectOfReport(bytes));
  throw new PerigeeError(
    'UNSUPPORTED',
    `${bytes.length} bytes are no quote of Intel and no report of AMD, whose collateral can be bundled`,
  );
}
