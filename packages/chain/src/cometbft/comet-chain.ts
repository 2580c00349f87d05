import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { dataHash, proveTxResult } from '@perigee/light-core/comet';
import type { Clock, ExecutedBlock, TxOutcome } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import { createStopController } from '@perigee/net/abort';
import { equal, type HeaderAnswer, PerigeeError, type StateProof, type TxProofAnswer, toHex, txIdOf } from '@perigee/wire';
import { AbciServer } from '../abci/index.ts';
import type { Application } from '../application/index.ts';
import type { Chain, LatestHeader } from '../chain.ts';
import { executedTxs } from '../executed-txs.ts';
import type { Genesis } from '../genesis/index.ts';
import { ETHEREUM_EVENT, StateMachine } from '../machine/index.ts';
import type { StateTree } from '../state/index.ts';
import { checkBinary } from './binary.ts';
import type { CometSettings } from './config-toml.ts';
import { Heads } from './heads.ts';
import { prepareHome } from './home.ts';
import { LightBlocks } from './light-blocks.ts';
import { observedApplication } from './observed-application.ts';
import { CometProcess } from './process.ts';
import { recentBlobs } from './recent-blobs.ts';
import { CometRpc, type Place } from './rpc.ts';
import { TxWatch } from './tx-watch.ts';

/** Root over no transactions. */
const NO_TXS = dataHash([]);
/** How long nonces may wait for what CometBFT checks after a commit, and how often that is looked at, milliseconds. */
const RECHECK_MS = 500;
const RECHECK_POLL_MS = 10;

export interface CometChainOptions {
  /** Directory of CometBFT's home, of the state and of its snapshots; created when missing, used by one process at a time. */
  readonly dir: string;
  readonly genesis: Genesis;
  readonly settings: CometSettings;
  /** CometBFT v0.38: a path, or a name to be looked for as a shell does. */
  readonly program: string;
  /** 32 bytes: key of the validator that this node is; one that no validator has for a node that only follows. */
  readonly validatorSecret: Uint8Array;
  /** 32 bytes: by which other CometBFT nodes know this one. */
  readonly nodeSecret: Uint8Array;
  readonly clock: Clock;
  /** A snapshot is taken at every multiple of this height; none unless it is given. */
  readonly snapshotInterval?: number;
  readonly verifyEd25519?: VerifyEd25519;
  /** Told each line of CometBFT's log, which is JSON but for the last words of one that does not start. */
  readonly onLine?: (line: string) => void;
  /** Told of what goes wrong while the node goes on. */
  readonly onFault?: (error: PerigeeError) => void;
  /** Stands between CometBFT and the application. */
  readonly wrap?: (application: Application) => Application;
}

/** What a chain is put together from. */
interface Parts {
  readonly genesis: Genesis;
  readonly machine: StateMachine;
  readonly server: AbciServer;
  readonly cometbft: CometProcess;
  readonly rpc: CometRpc;
  readonly blocks: LightBlocks;
  readonly heads: Heads;
  readonly txs: TxWatch;
  readonly stopping: AbortController;
  readonly clock: Clock;
  /** Of the last committed state. */
  committed(): number;
}

/**
 * A chain on CometBFT, which runs as a process of this node's and drives the state machine over a socket. CometBFT keeps blocks and agrees on
 * them with other nodes; the state is here.
 */
export class CometChain implements Chain {
  readonly #parts: Parts;
  readonly #running: Promise<void>;
  #earliest = 0;
  #recent: { readonly height: number; readonly ids: readonly Uint8Array[] } = { height: 0, ids: [] };

  private constructor(parts: Parts) {
    this.#parts = parts;
    this.#running = this.#run();
    this.#running.catch(() => {}); // whoever waits for it hears it
  }

  /**
   * Start CometBFT, and wait until there are two headers: without one there is nothing to trust, and without a second nothing can be proved under it. A
   * node that joins others first gets their blocks, or a snapshot.
   *
   * @throws NOT_FOUND, UNSUPPORTED for the program; WRONG_CHAIN, INVALID_ARGUMENT, STORE_CORRUPT, STORE_VERSION, STORE_LOCKED for the directory; UNREACHABLE for
   *   an address that is taken; what else CometBFT ends with again and again; ABORTED
   */
  static async open(options: CometChainOptions, signal: AbortSignal): Promise<CometChain> {
    await checkBinary(options.program);
    const chain = new CometChain(await prepare(options));
    try {
      const { heads, rpc } = chain.#parts;
      await Promise.race([heads.reached(options.genesis.initChain.initialHeight + 1, signal), chain.#running]);
      chain.#earliest = await rpc.earliest();
      return chain;
    } catch (error) {
      await chain.close();
      throw error;
    }
  }

  get genesis(): Genesis {
    return this.#parts.genesis;
  }

  get chainId(): string {
    return this.genesis.initChain.chainId;
  }

  get earliest(): number {
    return this.#earliest;
  }

  /** Of the CometBFT that runs now; `undefined` between two. */
  get pid(): number | undefined {
    return this.#parts.cometbft.pid;
  }

  /** Never resolves before `close`; rejected when the chain cannot go on. CometBFT runs since `open`. */
  run(): Promise<void> {
    return this.#running;
  }

  async close(): Promise<void> {
    const { stopping, cometbft, server, machine } = this.#parts;
    stopping.abort();
    await cometbft.stop();
    await this.#running.catch(() => {});
    await server.close();
    await machine.close();
  }

  latest(): LatestHeader {
    const { latest } = this.#parts.heads;
    if (latest === undefined) throw new PerigeeError('INTERNAL', 'the chain has no block');
    return latest;
  }

  async lightBlock(height: number): Promise<HeaderAnswer> {
    const last = this.latest().height;
    if (height < this.#earliest || height > last) {
      throw new PerigeeError('NOT_FOUND', `there is no header ${height}; there are ${this.#earliest} to ${last}`);
    }
    return (await this.#parts.blocks.at(height)).answer;
  }

  async block(height: number): Promise<ExecutedBlock> {
    const last = this.latest().height;
    if (height < this.#earliest || height > last) {
      throw new PerigeeError('NOT_FOUND', `there is no block ${height}; there are ${this.#earliest} to ${last}`);
    }
    const { rpc, blocks } = this.#parts;
    const { header, headerHash } = await blocks.at(height);
    const txs = equal(header.dataHash, NO_TXS) ? [] : await rpc.txs(height);
    const results = txs.length === 0 ? [] : await rpc.results(height);
    return { header, headerHash, txs: executedTxs(height, txs, results) };
  }

  heightOf(headerHash: Uint8Array): Promise<number | undefined> {
    return this.#parts.rpc.heightOf(headerHash);
  }

  async placeOf(hash: Uint8Array): Promise<Place | undefined> {
    const { rpc } = this.#parts;
    return (await rpc.placeOf(hash)) ?? rpc.placeByEvent(`${ETHEREUM_EVENT}.hash`, toHex(hash));
  }

  valueAt(store: string, key: Uint8Array, height?: number): Uint8Array | undefined {
    return this.#parts.machine.valueAt(store, key, height);
  }

  async nextNonce(address: Uint8Array): Promise<number> {
    const { machine, txs, clock, committed, stopping } = this.#parts;
    // after a commit CometBFT checks again all that waits, in its order; until then their nonces are not counted
    for (let waited = 0; waited < RECHECK_MS && !txs.isChecked(committed()); waited += RECHECK_POLL_MS) {
      await clock.sleep(RECHECK_POLL_MS, stopping.signal);
    }
    return machine.nextNonce(address);
  }

  prove(store: string, key: Uint8Array, height = 0): StateProof {
    return this.#parts.machine.prove(store, key, this.#provable(height));
  }

  tree(store: string, height = 0): StateTree {
    return this.#parts.machine.tree(store, this.#provable(height));
  }

  #provable(height: number): number {
    const last = this.latest().height - 1;
    if (height > last) {
      throw new PerigeeError('NOT_FOUND', `state of height ${height} has no header after it yet; the last that has is ${last}`);
    }
    return height === 0 ? last : height;
  }

  async add(raw: Uint8Array): Promise<TxOutcome> {
    const { rpc, txs } = this.#parts;
    const txId = txIdOf(raw);
    const before = txs.get(txId);
    if (before !== undefined) return before;
    const verdict = await rpc.broadcast(raw);
    if (verdict?.code === 0) return txs.get(txId) ?? { txId, height: 0, code: 0, log: '' };
    // one that was executed long ago is refused for its nonce, or because the mempool remembers it
    const known = await this.result(txId);
    if (known !== undefined) return known;
    return { txId, height: 0, ...(verdict ?? { code: 0, log: '' }) };
  }

  async submit(raw: Uint8Array, options: { readonly signal?: AbortSignal } = {}): Promise<TxOutcome> {
    const outcome = await this.add(raw);
    return outcome.height === 0 && outcome.code === 0 ? this.#parts.txs.settled(outcome.txId, options.signal) : outcome;
  }

  async result(txId: Uint8Array): Promise<TxOutcome | undefined> {
    const { rpc, txs } = this.#parts;
    const known = txs.get(txId);
    if (known !== undefined) return known;
    const told = await rpc.tx(txId);
    return told && { txId, ...told };
  }

  async settled(txId: Uint8Array, { signal }: { readonly signal?: AbortSignal } = {}): Promise<TxOutcome> {
    const known = await this.result(txId);
    if (known === undefined) throw new PerigeeError('NOT_FOUND', `transaction ${toHex(txId)} is not known here`);
    return known.height > 0 ? known : this.#parts.txs.settled(txId, signal);
  }

  async proveTx(txId: Uint8Array): Promise<TxProofAnswer> {
    const told = await this.#parts.rpc.provenTx(txId);
    if (told === undefined || told.height >= this.latest().height) {
      throw new PerigeeError('NOT_FOUND', `no block with a header after it holds transaction ${toHex(txId)} here`);
    }
    const { height, tx, proof, results } = told;
    const { index, total, path: txPath } = proof;
    const result = results[index];
    if (result === undefined) throw new PerigeeError('PARSE', `CometBFT tells of ${results.length} results of block ${height}`);
    return { height, tx, index, total, txPath, result, resultPath: proveTxResult(results, index).path };
  }

  onBlock(listener: (block: LatestHeader) => void): () => void {
    return this.#parts.heads.onHead(listener);
  }

  recentBlobs(): readonly Uint8Array[] {
    const { height } = this.latest();
    if (this.#recent.height !== height) {
      const read = (store: string, key: Uint8Array) => this.prove(store, key).inner.exist?.value;
      this.#recent = { height, ids: recentBlobs(read) };
    }
    return this.#recent.ids;
  }

  async #run(): Promise<void> {
    const { cometbft, heads, stopping } = this.#parts;
    await Promise.race([cometbft.run(), heads.run(stopping.signal)]);
  }
}

/** Everything but CometBFT itself, which finds its application when it starts. */
async function prepare(options: CometChainOptions): Promise<Parts> {
  const { dir, genesis, clock, program, snapshotInterval, onLine = () => {}, onFault = () => {} } = options;
  const verifier = options.verifyEd25519 === undefined ? {} : { verifyEd25519: options.verifyEd25519 };
  const home = join(dir, 'cometbft');
  await mkdir(dir, { recursive: true });
  const sockets = await prepareHome({ ...options, dir: home });
  const stopping = createStopController();
  const rpc = new CometRpc(sockets.rpc, stopping.signal);
  const blocks = new LightBlocks(rpc, genesis.initChain.chainId);
  const heads = new Heads(blocks, clock);
  const txs = new TxWatch();
  const snapshots =
    snapshotInterval === undefined ? {} : { snapshots: { dir: join(dir, 'snapshots'), interval: snapshotInterval, onFault } };
  const machine = await StateMachine.open({
    dir: join(dir, 'state'),
    ...verifier,
    chainId: genesis.initChain.chainId,
    ...snapshots,
  });
  try {
    let { lastBlockHeight: height } = await machine.info();
    if (height > 0) heads.committed(height);
    const app = observedApplication(options.wrap?.(machine) ?? machine, {
      onChecked({ tx, type }, { code, log }) {
        if (code === 0) txs.waits(txIdOf(tx), height);
        else if (type === 'recheck') txs.settle({ txId: txIdOf(tx), height: 0, code, log });
      },
      onCommitted(block, { txResults }) {
        height = block.height;
        for (const [i, { code, log }] of txResults.entries()) {
          txs.settle({ txId: txIdOf(block.txs[i] ?? new Uint8Array(0)), height, code, log });
        }
        txs.forgetUnchecked(height);
        heads.committed(height, block.hash);
      },
    });
    const committed = (): number => height;
    let applicationFault: PerigeeError | undefined;
    const server = await AbciServer.listen(app, {
      address: `unix://${sockets.abci}`,
      onFault(error) {
        applicationFault = error;
      },
    });
    const cometbft = new CometProcess({
      program,
      home,
      rpcSocket: sockets.rpc,
      clock,
      onLine,
      onEnd: onFault,
      explain(error) {
        const reason = applicationFault ?? error;
        applicationFault = undefined;
        return reason;
      },
    });
    return { genesis, machine, server, cometbft, rpc, blocks, heads, txs, stopping, clock, committed };
  } catch (error) {
    await machine.close();
    throw error;
  }
}
