/** CometBFT v0.38 as the engine of a chain: its files, its process, its RPC. */
export { CometChain, type CometChainOptions } from './comet-chain.ts';
export type { CometSettings, StateSyncSettings } from './config-toml.ts';
export { prepareHome } from './home.ts';
export { nodeIdOf } from './key-files.ts';
