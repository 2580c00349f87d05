export { blobIdOfTags, blobTags } from './blob-tags.ts';
export { type FileTree, FileTreeBuilder, fileTreeOf, fileTreeOfSegments, segmentTreeOf } from './file-tree.ts';
export { type Appended, appendToFlow, emptyFlow, type Flow, type FlowNode, flowDepth, flowRootOf, startOf } from './flow.ts';
export { flowAfter, flowOfChain } from './flow-of-chain.ts';
export { type FlowName, type FlowNodes, proveSector, type SectorProof, verifySector } from './flow-proof.ts';
export { type FileGeometry, fileGeometry, paddedSegmentChunks, segmentBytes, segmentDataBytes } from './geometry.ts';
export { type FileHash, nobleFileHash, zeroHash } from './hash.ts';
export { HashTree } from './hash-tree.ts';
export { checkStorageUrl, storageOfferOf } from './offer.ts';
export { type ProviderContext, providerSignBytes, someSegmentOf, verifyProviderRecord } from './provider-record.ts';
export { type ChunkRange, proveRange, type RangeProof, verifyRange } from './range-proof.ts';
export { type FileName, proveSegment, verifySegment } from './segment-proof.ts';
export {
  checkShard,
  holdsSegment,
  type Shard,
  selectNodes,
  shardsCoverAll,
  shardsIntersect,
} from './shards.ts';
export { checkSubmission, dataRootOf, type Submission, sectorsOf, submissionIdentity, submissionOf } from './submission.ts';
export { Submissions } from './submissions.ts';
