export { BlockStore, type Head, type TxPlace } from './block-store.ts';
export { type BlockEvent, EmbeddedEngine } from './embedded-engine.ts';
export { validatorSetsOf } from './head.ts';
