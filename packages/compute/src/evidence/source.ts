import { PerigeeError } from '@perigee/wire';

/** What can be asked for evidence of the machine it runs on. */
export type SourcePlatform = 'intel-tdx' | 'intel-sgx' | 'amd-sev-snp' | 'aws-nitro';

/** Evidence as its source hands it out: nothing of it is verified. */
export interface ProducedEvidence {
  readonly platform: SourcePlatform;
  /** The quote, report or document. */
  readonly bytes: Uint8Array;
  /** Certificates that came along, in the platform's form: of SEV-SNP the table of the host. */
  readonly certificates?: Uint8Array;
  /** Events that the registers were extended with, JSON of the guest's agent. */
  readonly eventLog?: string;
}

/** Produces evidence of the machine it runs on. */
export interface EvidenceSource {
  readonly platform: SourcePlatform;
  /**
   * @param reportData 64 bytes, which the evidence will bind
   * @throws INVALID_ARGUMENT (length), UNSUPPORTED, UNREACHABLE, BUSY, REFUSED, PARSE, FRAME_TOO_LARGE, TIMEOUT, ABORTED
   */
  quote(reportData: Uint8Array, signal: AbortSignal): Promise<ProducedEvidence>;
}

export const REPORT_DATA_BYTES = 64;

/** @throws INVALID_ARGUMENT */
export function checkReportData(reportData: Uint8Array): void {
  if (reportData.length === REPORT_DATA_BYTES) return;
  throw new PerigeeError(
    'INVALID_ARGUMENT',
    `report data has ${reportData.length} bytes; evidence binds exactly ${REPORT_DATA_BYTES}`,
  );
}
