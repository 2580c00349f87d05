export { type Assignment, assignRows } from './assignment.ts';
export { type BlobRows, blobRows, packBlob, unpackBlob } from './blob.ts';
export {
  assembleCertificate,
  type CertificateTerms,
  certificateSignBytes,
  certificateTerms,
  readSigners,
  recordOf,
  signerBitmap,
  type VerifiedCertificate,
  verifyCertificate,
} from './certificate.ts';
export { type ChainFacts, ChainView } from './chain-view.ts';
export { type CanonicalCommittee, checkCommittee, makeCommittee, memberIndex } from './committee.ts';
export { availabilityBits, encodingBits, type RowCounts, type SampleCount, unavailabilityBits } from './confidence.ts';
export { drawIndices } from './draw.ts';
export { blobFee, type DaPricing, handOverPrice } from './fee.ts';
export { type BlobGeometry, type BlobShape, blobGeometry, checkGeometry, type Redundancy, redundancyOf } from './geometry.ts';
export { peerRecordSignBytes, verifyPeerRecord } from './peer-record.ts';
export { permuteRows } from './permutation.ts';
export {
  checkPolicy,
  checkPublishingSession,
  type PromiseContext,
  promiseIdOf,
  promiseSignBytes,
  type VerifiedPromise,
  verifyPromise,
} from './promise.ts';
export { requiredStake } from './quorum.ts';
export { roundRows, type SamplingGoal, samplingGoal, samplingOutcome } from './sampling.ts';
export { uniform } from './uniform.ts';
export { checkPrimeRowRoot, type RowVerdict, verdictOf } from './verdict.ts';
