export { encodeEvidenceBundle } from './evidence-bundle.ts';
export { type EvidenceFile, type GuestFiles, readCollateralFile, readEvidenceFile } from './evidence-file.ts';
export { encodeReport, plainReport } from './report-file.ts';
export { type EvidenceFiles, type EvidenceFinding, verifyEvidenceFile } from './verify-file.ts';
