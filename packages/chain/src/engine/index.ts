export { BlockStore, type StoredHeader, type StoredResult } from './block-store.ts';
export { type BlockEvent, EmbeddedEngine, type EmbeddedEngineOptions } from './embedded-engine.ts';
