/** The chain as answers need it: blocks by the names that clients have for them, accounts, and the flow. */
import type { ChainBlocks, ExecutedBlock } from '@perigee/light-core/roles';
import { accountKey, FLOW_KEY, plainFileKey, STORE, storedFileKey } from '@perigee/light-core/state';
import { Account, FlowRecord, MAX_CACHED_ETHEREUM_BLOCKS, PerigeeError, StoredFile } from '@perigee/wire';
import { RpcError } from '../rpc-error.ts';
import { BlockView } from './block-view.ts';
import type { EthereumParams } from './params.ts';
import { readBytes, readCount, readObject } from './quantity.ts';
import { Recent } from './recent.ts';
import { invalidParams, RPC_CODE } from './rpc-error.ts';
import type { TxReader } from './tx-view.ts';

const NO_ACCOUNT: Account = { balance: 0n, nonces: [] };

/** A state: the newest, or that after a block. */
export interface StateAt {
  get(store: string, key: Uint8Array): Promise<Uint8Array | undefined>;
}

export class ChainView {
  readonly chain: ChainBlocks;
  readonly params: EthereumParams;
  readonly txs: TxReader;
  readonly #blocks = new Recent<BlockView>(MAX_CACHED_ETHEREUM_BLOCKS);

  constructor(chain: ChainBlocks, params: EthereumParams, txs: TxReader) {
    this.chain = chain;
    this.params = params;
    this.txs = txs;
  }

  get height(): number {
    return this.chain.latest().height;
  }

  /** A block that is kept. @throws NOT_FOUND */
  async block(height: number): Promise<BlockView> {
    const key = String(height);
    const known = this.#blocks.get(key);
    if (known !== undefined) return known;
    const block: ExecutedBlock = await this.chain.block(height);
    const view = new BlockView(block, this.params, this.txs);
    this.#blocks.set(key, view);
    return view;
  }

  /**
   * Height of a number or name. What is decided here is final: latest, safe and finalized are one. `pending` is what the last block led to.
   *
   * @throws RpcError
   */
  heightOfTag(tag: unknown): number {
    switch (tag) {
      case undefined:
      case null:
      case 'latest':
      case 'pending':
      case 'safe':
      case 'finalized':
        return this.height;
      case 'earliest':
        return this.chain.earliest;
      default:
        return readCount(tag, 'block');
    }
  }

  /** The block of a number, a name, or `{blockNumber}` or `{blockHash}` (EIP-1898). @throws RpcError when there is none */
  async stateAt(tag: unknown): Promise<StateAt> {
    const height = await this.#heightOfState(tag);
    const last = this.height;
    if (height > last) throw new RpcError(RPC_CODE.server, `header not found: block ${height}; the last is ${last}`);
    return {
      get: async (store, key) => {
        try {
          return await this.chain.valueAt(store, key, height === last ? undefined : height);
        } catch (error) {
          const { code } = PerigeeError.from(error);
          if (code !== 'PRUNED' && code !== 'NOT_FOUND') throw error;
          throw new RpcError(RPC_CODE.server, `missing trie node: the state of block ${height} is not kept here`);
        }
      },
    };
  }

  async heightOfHash(value: unknown): Promise<number | undefined> {
    return this.chain.heightOf(readBytes(value, 'block hash', { length: 32 }));
  }

  async #heightOfState(tag: unknown): Promise<number> {
    if (typeof tag !== 'object' || tag === null) return this.heightOfTag(tag);
    const { blockHash, blockNumber } = readObject(tag, 'block');
    if (blockHash === undefined) return this.heightOfTag(blockNumber);
    if (blockNumber !== undefined) throw invalidParams('a block has a number or a hash here, not both');
    const height = await this.heightOfHash(blockHash);
    if (height === undefined) throw new RpcError(RPC_CODE.server, 'header not found: no block has this hash');
    return height;
  }
}

export async function accountIn(state: StateAt, address: Uint8Array): Promise<Account> {
  const raw = await state.get(STORE.account, accountKey(address));
  return raw === undefined ? NO_ACCOUNT : Account.decode(raw);
}

/** Nonce that is due in lane 0. */
export function nonceOf({ nonces }: Account): number {
  return nonces.find(({ lane }) => lane === 0)?.next ?? 0;
}

/** None before the first block, and on a chain that stores no files. */
export async function flowIn(state: StateAt): Promise<FlowRecord | undefined> {
  const raw = await state.get(STORE.storage, FLOW_KEY);
  return raw && FlowRecord.decode(raw);
}

export async function fileIn(state: StateAt, txSeq: number): Promise<StoredFile | undefined> {
  const raw = await state.get(STORE.storage, storedFileKey(txSeq));
  return raw && StoredFile.decode(raw);
}

/** The file without tags of this root and length: submitting it again adds nothing. */
export async function plainFileIn(state: StateAt, root: Uint8Array, length: number): Promise<StoredFile | undefined> {
  const raw = await state.get(STORE.storage, plainFileKey(root, length));
  return raw && fileIn(state, Number(new DataView(raw.buffer, raw.byteOffset, 8).getBigUint64(0)));
}
