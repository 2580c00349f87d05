export { ChainFollower, type ChainFollowerOptions } from './chain/chain-follower.ts';
export type { ProvenTx } from './chain/prove-tx.ts';
export { createLightNode, type LightNode, type LightNodeOptions } from './light-node.ts';
export type { SharingOptions } from './pages/index.ts';
export type { StartProviderWalk } from './providers/storage-providers.ts';
export * from './requests.ts';
export * from './state.ts';
export { untilLive } from './until-live.ts';
