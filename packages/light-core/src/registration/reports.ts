import { ReportSums } from '@perigee/wire';

const NONE = { reports: 0, accounts: 0 };

/** What auditors have said of a key. @param raw value of `reportSumsKey`, `undefined` where its absence was proved @throws PARSE, NOT_CANONICAL */
export function reportSumsOf(raw: Uint8Array | undefined): ReportSums {
  return raw === undefined ? { agreement: NONE, fraud: NONE, overcount: NONE } : ReportSums.decodeCanonical(raw);
}

/** Reports that an answer, or its count, was false. */
export function falseReportsOf({ fraud, overcount }: ReportSums): number {
  return fraud.reports + overcount.reports;
}
