/** Ethereum's JSON-RPC over a chain that has no Ethereum in it: what clients of 0G Storage and wallets need. No key is held, and nothing signed. */
import type { ChainBlocks } from '@perigee/light-core/roles';
import { FLOW_ADDRESS, MARKET_ADDRESS, SYSTEM_ADDRESS } from '@perigee/light-core/state';
import type { Call } from '@perigee/light-core/tx';
import { equal, MAX_HEAVY_ETHEREUM_CALLS, MAX_TX_BYTES, PerigeeError } from '@perigee/wire';
import { RpcError } from '../rpc-error.ts';
import { accountIn, ChainView, nonceOf } from './chain-view.ts';
import { estimateGas } from './estimate-gas.ts';
import { feeHistory } from './fee-history.ts';
import { answerCall, reverted } from './flow-contract.ts';
import { findLogs } from './logs.ts';
import type { EthereumParams } from './params.ts';
import { hex, quantity, readAddress, readBytes, readCount, readObject, readQuantity } from './quantity.ts';
import { RPC_CODE } from './rpc-error.ts';
import { RawSender } from './send-raw.ts';
import { TxReader, txJson } from './tx-view.ts';

/** Shown as the code of an address that answers calls: one instruction, which is none (EIP-141). */
const CODE = '0xfe';
const CALLABLE = [FLOW_ADDRESS, MARKET_ADDRESS, SYSTEM_ADDRESS];

export interface EvmHandlerOptions {
  readonly chain: ChainBlocks;
  readonly params: EthereumParams;
  /** Answer to `web3_clientVersion`. */
  readonly clientVersion: string;
}

export interface EvmHandler {
  handles(method: string): boolean;
  /**
   * @param params as they came: a list
   * @throws RpcError
   */
  call(method: string, params: unknown, signal?: AbortSignal): Promise<unknown>;
}

type Method = (params: readonly unknown[], signal: AbortSignal | undefined) => unknown;

export function createEvmHandler({ chain, params, clientVersion }: EvmHandlerOptions): EvmHandler {
  const view = new ChainView(chain, params, new TxReader());
  const sender = new RawSender(view);
  const heavy = new HeavyCalls();
  const { ethereumChainId, gasPrice } = params;

  const blockAt = async (height: number | undefined, full: unknown): Promise<unknown> => {
    if (height === undefined || height > view.height) return null;
    if (height < chain.earliest) {
      throw new RpcError(4_444, `pruned history unavailable: block ${height} is not kept here, the first is ${chain.earliest}`);
    }
    const tell = async (): Promise<unknown> => (await view.block(height)).json(full === true);
    return full === true ? heavy.run(tell) : tell();
  };
  const place = async (hash: unknown) => {
    const found = await chain.placeOf(readBytes(hash, 'transaction hash', { length: 32 }));
    return found && found.height <= view.height ? { block: await view.block(found.height), index: found.index } : undefined;
  };

  const methods: Readonly<Record<string, Method>> = {
    web3_clientVersion: () => clientVersion,
    net_version: () => String(ethereumChainId),
    net_listening: () => true,
    eth_chainId: () => quantity(ethereumChainId),
    eth_syncing: () => false,
    eth_accounts: () => [],
    eth_blockNumber: () => quantity(view.height),
    eth_gasPrice: () => quantity(gasPrice),
    eth_maxPriorityFeePerGas: () => '0x0',
    eth_feeHistory: (given, signal) => heavy.run(() => feeHistory(view, given, signal)),
    async eth_getBlockByNumber([tag, full]) {
      const block = await blockAt(view.heightOfTag(tag), full);
      return tag === 'pending' ? pendingOf(block) : block;
    },
    eth_getBlockByHash: async ([hash, full]) => blockAt(await view.heightOfHash(hash), full),
    async eth_getTransactionCount([address, tag]) {
      const account = readAddress(address, 'address');
      if (tag === 'pending') return quantity(await chain.nextNonce(account));
      return quantity(nonceOf(await accountIn(await view.stateAt(tag), account)));
    },
    async eth_getBalance([address, tag]) {
      const { balance } = await accountIn(await view.stateAt(tag), readAddress(address, 'address'));
      return quantity(balance);
    },
    eth_getCode: ([address]) => (CALLABLE.some((own) => equal(own, readAddress(address, 'address'))) ? CODE : '0x'),
    async eth_call([asked, tag]) {
      const { call } = readCall(asked);
      return hex(await answerCall(call, await view.stateAt(tag), params));
    },
    async eth_estimateGas([asked, tag]) {
      const { call, from } = readCall(asked);
      return quantity(await estimateGas(call, from, await view.stateAt(tag), params));
    },
    eth_sendRawTransaction: async ([raw]) => hex(await sender.send(readBytes(raw, 'transaction', { max: MAX_TX_BYTES + 1 }))),
    async eth_getTransactionByHash([hash]) {
      const found = await place(hash);
      if (found !== undefined) return found.block.tx(found.index);
      const raw = await sender.waiting(readBytes(hash, 'transaction hash', { length: 32 }));
      if (raw === undefined) return null;
      const waiting = await view.txs.read(raw);
      return txJson(waiting, params, waiting.ethereum?.maxPerGas ?? gasPrice, undefined);
    },
    async eth_getTransactionReceipt([hash]) {
      const found = await place(hash);
      return found === undefined ? null : found.block.receipt(found.index);
    },
    eth_getLogs: ([filter], signal) => heavy.run(() => findLogs(view, filter, signal)),
  };

  return {
    handles: (method) => Object.hasOwn(methods, method),
    async call(name, given, signal) {
      const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
      if (method === undefined) {
        throw new RpcError(RPC_CODE.methodNotFound, `the method ${name.slice(0, 64)} does not exist/is not available`);
      }
      if (given !== undefined && given !== null && !Array.isArray(given)) {
        throw new RpcError(RPC_CODE.invalidParams, 'non-array args: give the parameters as a list');
      }
      try {
        return await method(given ?? [], signal);
      } catch (error) {
        throw toRpcError(error);
      }
    },
  };
}

/** `to` is missing when a contract is to be made. */
function readCall(value: unknown): { readonly call: Call; readonly from: Uint8Array | undefined } {
  const { from, to, value: tokens, data, input } = readObject(value, 'call');
  if (to === undefined || to === null) throw reverted('this chain has no contracts, and none can be made');
  const bytes = input ?? data ?? '0x';
  return {
    call: {
      to: readAddress(to, 'to'),
      value: tokens === undefined || tokens === null ? 0n : readQuantity(tokens, 'value'),
      data: readBytes(bytes, 'data', { max: MAX_TX_BYTES }),
    },
    from: from === undefined || from === null ? undefined : readAddress(from, 'from'),
  };
}

/** The block that is to come, with what is known of it. */
function pendingOf(latest: unknown): unknown {
  const block = readObject(latest, 'block');
  const empty = { hash: null, nonce: null, logsBloom: null, miner: null, totalDifficulty: null, transactions: [] };
  const next = quantity(readCount(block.number, 'number') + 1);
  return { ...block, ...empty, number: next, parentHash: block.hash, gasUsed: '0x0', size: '0x0' };
}

function toRpcError(error: unknown): RpcError {
  if (error instanceof RpcError) return error;
  const { code, message } = PerigeeError.from(error);
  if (code === 'BUSY') return new RpcError(RPC_CODE.server, `txpool is full: ${message}`);
  return new RpcError(code === 'INTERNAL' ? RPC_CODE.internal : RPC_CODE.server, message);
}

/** Calls that take long: only a few at once. */
class HeavyCalls {
  #running = 0;

  async run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#running >= MAX_HEAVY_ETHEREUM_CALLS) {
      throw new RpcError(RPC_CODE.limitExceeded, 'too many queries of many blocks run at once; ask again later');
    }
    this.#running += 1;
    try {
      return await work();
    } finally {
      this.#running -= 1;
    }
  }
}
