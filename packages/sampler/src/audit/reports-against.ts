import { auditKey, falseReportsOf, reportPlaceKey, reportSumsKey, reportSumsOf } from '@perigee/light-core/registration';
import type { VerifiedState } from '@perigee/light-core/roles';
import { STORE } from '@perigee/light-core/state';
import { AuditRecord, MAX_LISTED_REPORTS, ReportPlace, type SignerKey } from '@perigee/wire';

/** What an account has said against a key, as the state proves it. */
export interface ReportAgainst extends ReportPlace {
  readonly record: AuditRecord;
}

/**
 * Reports that answers of a key, or their counts, were false: the newest MAX_LISTED_REPORTS at most.
 *
 * @throws UNPROVEN, PROOF, ABORTED
 */
export async function reportsAgainst(
  signer: SignerKey,
  { state, signal }: { readonly state: VerifiedState; readonly signal: AbortSignal },
): Promise<readonly ReportAgainst[]> {
  const count = falseReportsOf(reportSumsOf(await state.get(STORE.compute, reportSumsKey(signer), { signal })));
  const found: ReportAgainst[] = [];
  for (let place = count - 1; place >= 0 && found.length < MAX_LISTED_REPORTS; place--) {
    const raw = await state.get(STORE.compute, reportPlaceKey(signer, place), { signal });
    // one may be taken back between two heads
    if (raw === undefined) continue;
    const said = ReportPlace.decodeCanonical(raw);
    const record = await state.get(STORE.compute, auditKey(said.orderId, said.auditor), { signal });
    if (record !== undefined) found.push({ ...said, record: AuditRecord.decodeCanonical(record) });
  }
  return found;
}
