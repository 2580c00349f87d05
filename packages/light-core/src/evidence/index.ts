export { decodeEvidence, encodeEvidence } from './file.ts';
export { type EvidenceParts, makeEvidence } from './make.ts';
export { type EvidenceCodec, type EvidenceFinding, type EvidenceOptions, verifyEvidence } from './verify.ts';
