import { RpcError } from '../rpc-error.ts';
import type { EvmHandler } from './create-evm-handler.ts';
import { quantity } from './quantity.ts';
import { RPC_CODE } from './rpc-error.ts';

/** Ethereum's methods on a node that only follows the chain: it knows its name, and says of all else who has it. */
export function withoutBlocks(ethereumChainId: number): EvmHandler {
  return {
    handles: (method) => /^(eth|net|web3)_\w{1,64}$/.test(method),
    async call(method) {
      if (method === 'eth_chainId') return quantity(ethereumChainId);
      if (method === 'net_version') return String(ethereumChainId);
      // ethers looks for the first words
      const words = 'this node follows the chain, and keeps neither its blocks nor a mempool; ask a node with role chain';
      throw new RpcError(RPC_CODE.methodNotFound, `the method ${method} does not exist/is not available: ${words}`);
    },
  };
}
