export { BlockStore } from './block-store.ts';
export { type BlockEvent, EmbeddedEngine } from './embedded-engine.ts';
