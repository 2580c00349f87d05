export { BlockStore, type Head } from './block-store.ts';
export { type BlockEvent, EmbeddedEngine } from './embedded-engine.ts';
