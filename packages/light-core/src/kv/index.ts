export { KV_CONTROL, type KvControl, type KvControlName } from './controls.ts';
export * from './keys.ts';
export { prefixBounds, rangeOfScan, rangeOfWatch } from './ranges.ts';
export { applyPlan, depositsOf, judgeWrite, type KvDeposits, type KvOrder, type KvPlan, latestVersion } from './replay.ts';
export { KV_RESULT } from './results.ts';
export {
  hasWritePermission,
  isAdmin,
  isSpecialKey,
  isWriterOfKey,
  isWriterOfStream,
  type KvReader,
  type KvView,
  reserveStreams,
} from './rights.ts';
export { decodeStreamData, encodeStreamData, type KvKey, type KvWrite, LATEST_VERSION, type StreamData } from './stream-data.ts';
export { distinct, streamsOfTags, tagsOf } from './tags.ts';
export { type KvValue, verifyKvChanges, verifyKvScan, verifyKvValue, verifyKvValues } from './verify.ts';
