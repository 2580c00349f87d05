export { createEvmHandler, type EvmHandler, type EvmHandlerOptions } from './create-evm-handler.ts';
export type { EthereumParams } from './params.ts';
export { withoutBlocks } from './without-blocks.ts';
