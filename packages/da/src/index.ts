export type { CodecPool } from './codec/codec-pool.ts';
export { codecThreads, createCodecPool } from './codec/codec-pool.ts';
export type { MemberRefusal } from './publish/collect-signatures.ts';
export {
  createPublisher,
  type DataSource,
  type PublishedBlob,
  type Publisher,
  type PublisherOptions,
  type PublishProgress,
  type PublishRequest,
} from './publish/publisher.ts';
