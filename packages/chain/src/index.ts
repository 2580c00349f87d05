export type { Application } from './application/index.ts';
export type { Chain } from './chain.ts';
export { ChainNode, type ChainNodeOptions } from './chain-node.ts';
export type { BlockEvent } from './engine/index.ts';
export { checkGenesis, createGenesis, decodeGenesis, encodeGenesis, type Genesis, type GenesisOptions } from './genesis/index.ts';
export { localReads } from './local-reads.ts';
export { headerOf, localState } from './local-state.ts';
export { RESULT_CODE, StateMachine, type StateMachineOptions } from './machine/index.ts';
export {
  BlockVerifier,
  type BlockVerifierOptions,
  detectEd25519,
  type NativeEd25519,
  nodeEd25519,
} from './verification/index.ts';
