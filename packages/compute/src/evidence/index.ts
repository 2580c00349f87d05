export { type DstackInfo, type DstackSource, dstackSource } from './dstack/dstack-source.ts';
export type { EvidenceSource, ProducedEvidence, SourcePlatform } from './source.ts';
export { type ConfigfsCalls, openTsm, type TsmOptions } from './tsm/tsm-source.ts';
