import type { Check } from '../check.ts';
import type { Collateral } from '../collateral.ts';
import { type AttestationReport, capReport } from '../report.ts';
import { type EvidenceClaims, type EvidenceOptions, verifyEvidence } from '../verify.ts';
import { type GuestFiles, readCollateralFile, readEvidenceFile } from './evidence-file.ts';

export interface EvidenceFiles {
  /** As it was handed over. */
  readonly file: Uint8Array;
  /** A file of collateral that was handed over beside it; its parts come before all others. */
  readonly collateralFile?: Uint8Array;
}

/** What was found in what a person handed over. */
export interface EvidenceFinding {
  readonly report: AttestationReport<EvidenceClaims>;
  /**
   * What the guest has measured, where its log was handed over and the quote passes. They are apart from the report's own checks, since whether the quote
   * passes does not hang on them. They do not raise the label, for no measurements were named, and one that did not pass caps it (PROTOCOL §9).
   */
  readonly guest?: readonly Check[];
  /** The evidence itself. */
  readonly evidence: Uint8Array;
}

/**
 * Verifies evidence as a person hands it over, with all that comes with it.
 *
 * @param options `collateral`: what is known besides; the files' own parts come first
 * @throws INVALID_ARGUMENT, PARSE, UNKNOWN_VERSION for files that cannot be read at all; all else is in the report
 */
export async function verifyEvidenceFile(files: EvidenceFiles, options: EvidenceOptions): Promise<EvidenceFinding> {
  const { evidence, guest, collateral } = readEvidenceFile(files.file);
  const given = files.collateralFile === undefined ? {} : readCollateralFile(files.collateralFile);
  const merged = [options.collateral, collateral, given].reduce(merge);
  const report = await verifyEvidence(evidence, { ...options, collateral: merged });
  const measured = guest === undefined ? undefined : await measuredBy(guest, report, options);
  return measured === undefined ? { report, evidence } : { report: capReport(report, measured), evidence, guest: measured };
}

async function measuredBy(
  { eventLog, appCompose }: GuestFiles,
  { claims }: AttestationReport<EvidenceClaims>,
  options: EvidenceOptions,
): Promise<readonly Check[] | undefined> {
  if (claims === undefined || !('td' in claims)) return undefined;
  const { rtmr0, rtmr1, rtmr2, rtmr3 } = claims.td;
  const { verifyEvents } = await import('../events/index.ts');
  const log = { log: eventLog, registers: [rtmr0, rtmr1, rtmr2, rtmr3] };
  return (await verifyEvents(appCompose === undefined ? log : { ...log, appCompose }, {}, options.crypto)).checks;
}

/** Part by part. @param over whose parts come first */
function merge(under: Collateral, over: Collateral): Collateral {
  return {
    intel: { ...under.intel, ...over.intel },
    amd: { ...under.amd, ...over.amd },
    nvidia: { ...under.nvidia, ...over.nvidia },
  };
}
