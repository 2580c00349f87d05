import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { STORE } from '@perigee/light-core/state';
import { isEthereumTx } from '@perigee/light-core/tx';
import { type InitChain, MAX_BLOCK_TXS, PerigeeError, type StateProof, uvarint } from '@perigee/wire';
import type {
  Application,
  ApplySnapshotChunkRequest,
  ApplySnapshotChunkResponse,
  CheckTxRequest,
  CommitResponse,
  FinalizeBlockRequest,
  FinalizeBlockResponse,
  InfoResponse,
  InitChainResponse,
  LoadSnapshotChunkRequest,
  OfferSnapshotRequest,
  PrepareProposalRequest,
  ProcessProposalRequest,
  QueryRequest,
  QueryResponse,
  Snapshot,
  TxResult,
} from '../application/index.ts';
import { checkGenesis, decodeGenesis, encodeGenesis, GENESIS_META, type Genesis } from '../genesis/index.ts';
import { type SnapshotOptions, Snapshots } from '../snapshot/index.ts';
import { AuthenticatedState, type PreparedState, type StateTree, StateView } from '../state/index.ts';
import { BlockVerifier } from '../verification/index.ts';
import { noteBlock } from './compute/index.ts';
import { checkConservation } from './conservation.ts';
import { startEpoch } from './epoch.ts';
import { ethereumEvent } from './ethereum-event.ts';
import type { Execution } from './execute-tx.ts';
import { storesOf, supplyOf, writeGenesis } from './genesis-state.ts';
import { MempoolView } from './mempool-view.ts';
import { TxPreparer } from './prepare-tx.ts';
import { answerQuery } from './query.ts';
import { type BlockInput, type BlockOutput, runBlock, secondsOf } from './run-block.ts';

/** Version of the rules of this state machine, as the header carries it. */
const APP_VERSION = 0;

/** What this application reads of a proposal. */
type Proposal = Pick<ProcessProposalRequest, 'txs' | 'height' | 'time'> & Partial<Pick<ProcessProposalRequest, 'misbehavior'>>;

export interface StateMachineOptions {
  /** Directory of the state. */
  readonly dir: string;
  /** ZIP-215, for every signature in a transaction (PROTOCOL §7): all nodes must agree on each. Left out: that of `BlockVerifier`, on all cores. */
  readonly verifyEd25519?: VerifyEd25519;
  /** Heights that stay provable; at least 2. */
  readonly window?: number;
  /** Left out: no snapshots are taken. */
  readonly snapshots?: SnapshotOptions;
  /** The chain that an engine must begin, and that snapshots of others must be of. Left out: it begins any, and restores none. */
  readonly chainId?: string;
}

/** What exists from InitChain on. */
interface Chain {
  readonly genesis: Genesis;
  readonly preparer: TxPreparer;
  mempool: MempoolView;
}

/**
 * The replicated state machine of Perigee. Its state depends only on InitChain and FinalizeBlock: not on the clock, on checkTx, or on
 * proposals. The state of height 0 has no tree: the first header carries genesisHash as app hash, and genesis is in the state after it.
 */
export class StateMachine implements Application {
  readonly #state: AuthenticatedState;
  readonly #snapshots: Snapshots;
  readonly #verifyEd25519: VerifyEd25519;
  /** Threads of its own, where it was given no verifier. */
  readonly #verifier?: BlockVerifier;
  readonly #chainId: string | undefined;
  #chain: Chain | undefined;
  #finalized: PreparedState | undefined;

  private constructor(
    state: AuthenticatedState,
    snapshots: Snapshots,
    { verifyEd25519, chainId }: Pick<StateMachineOptions, 'verifyEd25519' | 'chainId'>,
  ) {
    this.#state = state;
    this.#snapshots = snapshots;
    if (verifyEd25519 !== undefined) this.#verifyEd25519 = verifyEd25519;
    else {
      this.#verifier = new BlockVerifier();
      this.#verifyEd25519 = this.#verifier.verify;
    }
    this.#chainId = chainId;
  }

  /** @throws STORE_VERSION, STORE_CORRUPT, STORE_LOCKED */
  static async open(options: StateMachineOptions): Promise<StateMachine> {
    const { dir, window, snapshots, chainId } = options;
    const state = await AuthenticatedState.open(dir, Object.values(STORE), window === undefined ? {} : { window });
    const machine = new StateMachine(state, await Snapshots.open(state, snapshots, chainId), options);
    const stored = state.meta(GENESIS_META);
    if (stored !== undefined) machine.#start(decodeGenesis(stored));
    else if (state.latest !== undefined) {
      await state.close();
      throw new PerigeeError('STORE_CORRUPT', `the state in ${dir} has no genesis`);
    }
    return machine;
  }

  async info(): Promise<InfoResponse> {
    return {
      data: 'perigee',
      version: '0.1.0',
      appVersion: APP_VERSION,
      lastBlockHeight: this.#state.latest?.height ?? 0,
      lastBlockAppHash: this.#state.latest?.appHash ?? new Uint8Array(0),
    };
  }

  /** @throws GENESIS, also when the state is already of a chain, or the chain is another than that of this node */
  async initChain(request: InitChain): Promise<InitChainResponse> {
    if (this.#state.latest !== undefined) throw new PerigeeError('GENESIS', 'the chain has begun; it cannot begin again');
    if (request.chainId !== (this.#chainId ?? request.chainId)) {
      throw new PerigeeError('GENESIS', `the engine begins chain "${request.chainId}"; this node is of ${this.#chainId}`);
    }
    const { genesis } = this.#start(checkGenesis(request));
    return { validators: [], appHash: genesis.genesisHash };
  }

  async checkTx({ tx }: CheckTxRequest): Promise<TxResult> {
    const { preparer } = this.#started();
    const prepared = await preparer.prepare(tx, this.#begin(), this.#nextHeight());
    // a commit may have come between: the transaction is checked against what follows it
    return this.#started().mempool.check(prepared);
  }

  /** Nonce that is due in lane 0 of an account after those transactions that were checked since the last commit. */
  nextNonce(address: Uint8Array): number {
    return this.#started().mempool.nextNonce(address);
  }

  /** Takes what can be charged, in the order of the mempool, as long as bytes and gas of the block last. */
  async prepareProposal({
    maxTxBytes,
    txs,
    height,
    time,
    misbehavior = [],
  }: Proposal & Pick<PrepareProposalRequest, 'maxTxBytes'>): Promise<{ readonly txs: readonly Uint8Array[] }> {
    const taken: Uint8Array[] = [];
    let bytes = 0;
    let gas = 0;
    await this.#run({ txs, height, time, misbehavior }, ({ charged, result }, tx) => {
      const size = blockBytes(tx);
      if (!charged || taken.length >= MAX_BLOCK_TXS || bytes + size > maxTxBytes || gas + result.gasUsed > this.#maxGas())
        return false;
      bytes += size;
      gas += result.gasUsed;
      taken.push(tx);
      return true;
    });
    return { txs: taken };
  }

  /** Accepts a block whose every transaction is charged to its sender, within the gas of a block. */
  async processProposal({ txs, height, time, misbehavior = [] }: Proposal): Promise<{ readonly accept: boolean }> {
    if (txs.length > MAX_BLOCK_TXS) return { accept: false };
    let gas = 0;
    let accept = true;
    await this.#run({ txs, height, time, misbehavior }, ({ charged, result }) => {
      gas += result.gasUsed;
      accept &&= charged && gas <= this.#maxGas();
      return accept;
    });
    return { accept };
  }

  /** @throws BLOCK when the height is not the next; INTERNAL when the block would make or lose tokens */
  async finalizeBlock({ txs, height, time, misbehavior, hash }: FinalizeBlockRequest): Promise<FinalizeBlockResponse> {
    if (height !== this.#nextHeight()) {
      throw new PerigeeError('BLOCK', `block ${height} cannot be executed: the next is ${this.#nextHeight()}`);
    }
    const txResults: TxResult[] = [];
    const { view, ...output } = await this.#run({ txs, height, time, misbehavior }, ({ result }, tx) => {
      txResults.push(isEthereumTx(tx) ? { ...result, events: [...result.events, ethereumEvent(tx)] } : result);
      return true;
    });
    // only a decided block has a hash: proposals run without it
    if (this.#started().genesis.appState.compute !== undefined) noteBlock(view, height, hash, secondsOf(time));
    checkConservation(view, this.#state.latest === undefined ? supplyOf(this.#started().genesis) : 0n);
    this.#finalized = this.#state.prepare(height, view, storesOf(this.#started().genesis));
    return { ...output, txResults, appHash: this.#finalized.appHash };
  }

  /** @throws BLOCK when no block was finalized */
  async commit(): Promise<CommitResponse> {
    const finalized = this.#finalized;
    if (finalized === undefined) throw new PerigeeError('BLOCK', 'there is no finalized block to commit');
    const chain = this.#started();
    const first = this.#state.latest === undefined;
    await this.#state.commit(finalized, first ? { [GENESIS_META]: encodeGenesis(chain.genesis) } : {});
    this.#finalized = undefined;
    chain.mempool = this.#newMempool(chain.genesis);
    this.#snapshots.committed(finalized.height, chain.genesis);
    return { retainHeight: 0 };
  }

  async query(request: QueryRequest): Promise<QueryResponse> {
    return answerQuery(request, (store, key, height) => this.prove(store, key, height));
  }

  /** @throws UNSUPPORTED always: genesis does not enable them */
  async extendVote(): Promise<never> {
    throw noExtensions();
  }

  /** @throws UNSUPPORTED always */
  async verifyVoteExtension(): Promise<never> {
    throw noExtensions();
  }

  async listSnapshots(): Promise<{ readonly snapshots: readonly Snapshot[] }> {
    return { snapshots: this.#snapshots.list() };
  }

  async offerSnapshot(request: OfferSnapshotRequest): Promise<{ readonly result: Awaited<ReturnType<Snapshots['offer']>> }> {
    return { result: await this.#snapshots.offer(request) };
  }

  async loadSnapshotChunk(request: LoadSnapshotChunkRequest): Promise<{ readonly chunk: Uint8Array }> {
    return { chunk: await this.#snapshots.load(request) };
  }

  async applySnapshotChunk(request: ApplySnapshotChunkRequest): Promise<ApplySnapshotChunkResponse> {
    const { response, genesis } = await this.#snapshots.apply(request);
    if (genesis !== undefined) this.#start(genesis);
    return response;
  }

  /**
   * Prove a key of a committed state; 0 for the last.
   *
   * @throws PRUNED, NOT_FOUND, INVALID_ARGUMENT
   */
  prove(store: string, key: Uint8Array, height: number): StateProof {
    return this.#state.prove(store, key, height);
  }

  /**
   * A value of a committed state; of the last unless a height is given.
   *
   * @throws PRUNED, NOT_FOUND, INVALID_ARGUMENT
   */
  valueAt(store: string, key: Uint8Array, height?: number): Uint8Array | undefined {
    if (height === undefined || height === this.#state.latest?.height) return this.#state.get(store, key);
    return this.prove(store, key, height).inner.exist?.value;
  }

  /** A store of a committed state; as `prove`. */
  tree(store: string, height: number): StateTree {
    return this.#state.tree(store, height);
  }

  async close(): Promise<void> {
    await this.#verifier?.close();
    await this.#snapshots.close();
    await this.#state.close();
  }

  /** Run a block on top of the last state; transactions that `keep` refuses leave nothing behind. */
  async #run(
    block: BlockInput,
    keep: (execution: Execution, tx: Uint8Array) => boolean,
  ): Promise<BlockOutput & { readonly view: StateView }> {
    const view = this.#begin(block.height);
    return { view, ...(await runBlock(view, block, this.#started(), keep)) };
  }

  /** The state in which the first transaction of a block runs. */
  #begin(height = this.#nextHeight()): StateView {
    return this.#beginOf(this.#started().genesis, height);
  }

  #beginOf(genesis: Genesis, height: number): StateView {
    const view = new StateView(this.#state);
    if (this.#state.latest === undefined) writeGenesis(view, genesis);
    startEpoch(view, genesis, height);
    return view;
  }

  #start(genesis: Genesis): Chain {
    this.#chain = { genesis, preparer: new TxPreparer(genesis, this.#verifyEd25519), mempool: this.#newMempool(genesis) };
    return this.#chain;
  }

  #newMempool(genesis: Genesis): MempoolView {
    const height = this.#heightAfter(genesis);
    return new MempoolView(this.#beginOf(genesis, height), { genesis, height, seconds: secondsOf(genesis.initChain.time) });
  }

  #nextHeight(): number {
    return this.#heightAfter(this.#started().genesis);
  }

  #heightAfter({ initChain }: Genesis): number {
    const latest = this.#state.latest;
    return latest === undefined ? initChain.initialHeight : latest.height + 1;
  }

  /** Negative in the consensus parameters means no bound. */
  #maxGas(): number {
    const max = this.#started().genesis.initChain.consensusParams?.block?.maxGas ?? -1n;
    return max < 0n ? Number.POSITIVE_INFINITY : Number(max);
  }

  #started(): Chain {
    if (this.#chain === undefined) throw new PerigeeError('GENESIS', 'the chain has not begun');
    return this.#chain;
  }
}

function noExtensions(): PerigeeError {
  return new PerigeeError(
    'UNSUPPORTED',
    'vote extensions are not enabled on this chain (consensus parameter abci.vote_extensions_enable_height)',
  );
}

/** What a transaction takes in a block: its bytes, tag and length. */
function blockBytes(tx: Uint8Array): number {
  return 1 + uvarint(tx.length).length + tx.length;
}
