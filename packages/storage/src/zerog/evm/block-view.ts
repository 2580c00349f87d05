/** Blocks and receipts as Ethereum's clients are shown them. */
import { lastResultsHash, unixMs } from '@perigee/light-core/comet';
import type { ExecutedBlock } from '@perigee/light-core/roles';
import { MAX_FULL_TXS, PerigeeError } from '@perigee/wire';
import { RpcError } from '../rpc-error.ts';
import { bloomOf } from './bloom.ts';
import type { EthereumParams } from './params.ts';
import { type Hex, hex, quantity } from './quantity.ts';
import { RPC_CODE } from './rpc-error.ts';
import { countSubmits, type SubmitLog, submitLogs } from './submit-log.ts';
import { paidPerGas, type TxReader, type TxView, txHashOf, txJson } from './tx-view.ts';

/** Keccak-256 of an empty list in RLP, and of an empty tree: by them clients know that there is nothing. */
const NO_UNCLES = '0x1dcc4de8dec75d7aab85b567b6ccd41ad312451b948a7413f0a142fd40d49347';
const EMPTY_TREE = '0x56e81f171bcc55a6ff8345e692c0f86e5b48e01b996cadc001622fb5e363b421';
const NO_HASH: Hex = `0x${'00'.repeat(32)}`;
/** Shown as a block's gas limit where there is none. */
const NO_GAS_LIMIT = Number.MAX_SAFE_INTEGER;

type Json = { readonly [name: string]: unknown };

/** A log with its place, of which clients are told. */
export interface PlacedLog extends SubmitLog {
  readonly json: Json;
}

export class BlockView {
  readonly #block: ExecutedBlock;
  readonly #params: EthereumParams;
  readonly #txs: TxReader;
  #logs: Promise<readonly (readonly PlacedLog[])[]> | undefined;

  constructor(block: ExecutedBlock, params: EthereumParams, txs: TxReader) {
    this.#block = block;
    this.#params = params;
    this.#txs = txs;
  }

  get height(): number {
    return this.#block.header.height;
  }

  get hash(): Uint8Array {
    return this.#block.headerHash;
  }

  get seconds(): number {
    return Math.floor(unixMs(this.#block.header.time) / 1_000);
  }

  get gasUsed(): number {
    return this.#block.txs.reduce((sum, { gasUsed }) => sum + gasUsed, 0);
  }

  /** Of each transaction, in the order of the block; those without are not read. */
  logs(): Promise<readonly (readonly PlacedLog[])[]> {
    this.#logs ??= this.#readLogs();
    return this.#logs;
  }

  /** Price of a unit of gas above the chain's, and gas, of each transaction. */
  async rewards(): Promise<readonly { readonly reward: bigint; readonly gas: number }[]> {
    const { gasPrice } = this.#params;
    const rewards = [];
    for (const [i, tx] of this.#checkFull().entries()) {
      rewards.push({ reward: paidPerGas(await this.#view(i), tx, gasPrice) - gasPrice, gas: tx.gasUsed });
    }
    return rewards;
  }

  async tx(index: number): Promise<Json> {
    const view = await this.#view(index);
    const price = paidPerGas(view, this.#tx(index), this.#params.gasPrice);
    return txJson(view, this.#params, price, { blockHash: this.hash, height: this.height, index });
  }

  async receipt(index: number): Promise<Json> {
    const [view, logs] = await Promise.all([this.#view(index), this.logs()]);
    const tx = this.#tx(index);
    const own = logs[index] ?? [];
    return {
      transactionHash: hex(view.hash),
      transactionIndex: quantity(index),
      blockHash: hex(this.hash),
      blockNumber: quantity(this.height),
      from: hex(view.from),
      to: hex(view.to),
      contractAddress: null,
      cumulativeGasUsed: quantity(this.#block.txs.slice(0, index + 1).reduce((sum, { gasUsed }) => sum + gasUsed, 0)),
      gasUsed: quantity(tx.gasUsed),
      effectiveGasPrice: quantity(paidPerGas(view, tx, this.#params.gasPrice)),
      logs: own.map(({ json }) => json),
      logsBloom: hex(bloomOf(own)),
      status: quantity(tx.code === 0 ? 1 : 0),
      type: quantity(view.ethereum?.type ?? 0),
    };
  }

  /** @param full with its transactions, not only their hashes */
  async json(full: boolean): Promise<Json> {
    const { header, headerHash, txs } = this.#block;
    const isEmpty = txs.length === 0;
    const { maxGas, gasPrice } = this.#params;
    const transactions: unknown[] = [];
    if (full) for (const i of this.#checkFull().keys()) transactions.push(await this.tx(i));
    else transactions.push(...txs.map(({ raw }) => hex(txHashOf(raw))));
    return {
      number: quantity(header.height),
      hash: hex(headerHash),
      parentHash: header.lastBlockId.hash.length === 32 ? hex(header.lastBlockId.hash) : NO_HASH,
      nonce: '0x0000000000000000',
      mixHash: NO_HASH,
      sha3Uncles: NO_UNCLES,
      logsBloom: hex(bloomOf((await this.logs()).flat())),
      transactionsRoot: isEmpty ? EMPTY_TREE : hex(header.dataHash),
      // that of the state before: the one after is in the header that follows
      stateRoot: hex(header.appHash),
      receiptsRoot: isEmpty ? EMPTY_TREE : hex(resultsRoot(this.#block)),
      miner: hex(header.proposerAddress),
      difficulty: '0x0',
      totalDifficulty: '0x0',
      extraData: '0x',
      size: quantity(txs.reduce((sum, { raw }) => sum + raw.length, 0)),
      gasLimit: quantity(maxGas < 0n ? NO_GAS_LIMIT : maxGas),
      gasUsed: quantity(this.gasUsed),
      timestamp: quantity(this.seconds),
      baseFeePerGas: quantity(gasPrice),
      uncles: [],
      transactions,
    };
  }

  #tx(index: number): ExecutedBlock['txs'][number] {
    const tx = this.#block.txs[index];
    if (tx === undefined) throw new PerigeeError('INTERNAL', `block ${this.height} has no transaction ${index}`);
    return tx;
  }

  #view(index: number): Promise<TxView> {
    return this.#txs.read(this.#tx(index).raw);
  }

  /** @throws RpcError */
  #checkFull(): ExecutedBlock['txs'] {
    const { txs } = this.#block;
    if (txs.length <= MAX_FULL_TXS) return txs;
    throw new RpcError(
      RPC_CODE.limitExceeded,
      `block ${this.height} has ${txs.length} transactions, and at most ${MAX_FULL_TXS} are told in full: ask for their hashes`,
    );
  }

  async #readLogs(): Promise<readonly (readonly PlacedLog[])[]> {
    let before = 0;
    const all: (readonly PlacedLog[])[] = [];
    for (const [i, tx] of this.#block.txs.entries()) {
      if (countSubmits(tx) === 0) {
        all.push([]);
        continue;
      }
      const { hash, messages, from } = await this.#view(i);
      const logs = submitLogs(tx, messages, from).map((log, j) => ({
        ...log,
        json: this.#logJson(log, { logIndex: before + j, hash, index: i }),
      }));
      before += logs.length;
      all.push(logs);
    }
    return all;
  }

  #logJson({ address, topics, data }: SubmitLog, place: { logIndex: number; hash: Uint8Array; index: number }): Json {
    return {
      address: hex(address),
      topics: topics.map(hex),
      data: hex(data),
      blockNumber: quantity(this.height),
      blockHash: hex(this.hash),
      blockTimestamp: quantity(this.seconds),
      transactionHash: hex(place.hash),
      transactionIndex: quantity(place.index),
      logIndex: quantity(place.logIndex),
      removed: false,
    };
  }
}

/** As the header that follows has it. */
function resultsRoot({ txs }: ExecutedBlock): Uint8Array {
  return lastResultsHash(txs.map(({ code, data, gasWanted, gasUsed }) => ({ code, data, gasWanted, gasUsed })));
}
