/** What auditors have said of each key, summed up: a client reads it with one proof before it chooses whom to ask. */
import { auditKey, auditorSumsKey, reportPlaceKey, reportSumsKey } from '@perigee/light-core/registration';
import { STORE } from '@perigee/light-core/state';
import {
  AUDIT_VERDICT,
  AuditorSums,
  AuditRecord,
  type ReportCount,
  ReportPlace,
  ReportSums,
  type SignerKey,
} from '@perigee/wire';
import type { StateView } from '../../state/index.ts';

/** Whose word on which order. */
interface Said {
  readonly orderId: Uint8Array;
  readonly auditor: Uint8Array;
}

const NOTHING: ReportSums = {
  agreement: { reports: 0, accounts: 0 },
  fraud: { reports: 0, accounts: 0 },
  overcount: { reports: 0, accounts: 0 },
};
const NEVER: AuditorSums = { agreement: 0, fraud: 0, overcount: 0 };

/** Adds a report to the sums of its key. @returns its place in the list of what was said against the key; none for an agreement */
export function countReport(view: StateView, signer: SignerKey, verdict: number, said: Said): number | undefined {
  const place = change(view, signer, verdict, said.auditor, 1);
  if (place !== undefined) view.write(STORE.compute, reportPlaceKey(signer, place), ReportPlace, said);
  return place;
}

/** Takes a report out of the sums; the last of the list takes its place. */
export function uncountReport(view: StateView, { signer, verdict, isCounted, place }: AuditRecord, { auditor }: Said): void {
  if (!isCounted) return;
  const last = change(view, signer, verdict, auditor, -1);
  if (place === undefined || last === undefined) return;
  const mover = place === last ? undefined : view.read(STORE.compute, reportPlaceKey(signer, last), ReportPlace);
  if (mover !== undefined) {
    const key = auditKey(mover.orderId, mover.auditor);
    const moved = view.read(STORE.compute, key, AuditRecord);
    if (moved !== undefined) view.write(STORE.compute, key, AuditRecord, { ...moved, place });
    view.write(STORE.compute, reportPlaceKey(signer, place), ReportPlace, mover);
  }
  view.delete(STORE.compute, reportPlaceKey(signer, last));
}

/** @returns of a fraud or an overcount, the place that the list had least of both before and after: the one that is written, or goes */
function change(view: StateView, signer: SignerKey, verdict: number, auditor: Uint8Array, by: 1 | -1): number | undefined {
  const name = nameOf(verdict);
  const key = reportSumsKey(signer);
  const sums = view.read(STORE.compute, key, ReportSums) ?? NOTHING;
  const ownKey = auditorSumsKey(signer, auditor);
  const own = view.read(STORE.compute, ownKey, AuditorSums) ?? NEVER;
  const ownNow = { ...own, [name]: own[name] + by };
  const isOther = own[name] === 0 || ownNow[name] === 0;
  const count: ReportCount = { reports: sums[name].reports + by, accounts: sums[name].accounts + (isOther ? by : 0) };
  const now = { ...sums, [name]: count };
  if (isNone(ownNow.agreement, ownNow.fraud, ownNow.overcount)) view.delete(STORE.compute, ownKey);
  else view.write(STORE.compute, ownKey, AuditorSums, ownNow);
  if (isNone(now.agreement.reports, now.fraud.reports, now.overcount.reports)) view.delete(STORE.compute, key);
  else view.write(STORE.compute, key, ReportSums, now);
  return name === 'agreement' ? undefined : Math.min(falseOf(sums), falseOf(now));
}

function nameOf(verdict: number): keyof ReportSums {
  return verdict === AUDIT_VERDICT.agreement ? 'agreement' : verdict === AUDIT_VERDICT.fraud ? 'fraud' : 'overcount';
}

function falseOf({ fraud, overcount }: ReportSums): number {
  return fraud.reports + overcount.reports;
}

function isNone(...counts: readonly number[]): boolean {
  return counts.every((count) => count === 0);
}
