export { openKvTier } from '#kv-tier';
export { KvCache, type KvCacheOptions } from './kv-cache.ts';
export { KvNode } from './kv-node.ts';
export { KvReader, type KvReaderParts } from './kv-reader.ts';
export type { KvProof, KvSource, ProvedKeys, ProvedScan } from './kv-source.ts';
export type {
  KvBoundOptions,
  KvPolicy,
  KvRange,
  KvRangeOptions,
  KvReading,
  KvReadOptions,
  KvStream,
  KvWatched,
  KvWatchOptions,
} from './kv-stream.ts';
export type { KvTier, OpenKvTierOptions } from './kv-tier.ts';
