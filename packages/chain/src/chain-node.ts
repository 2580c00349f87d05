import { join } from 'node:path';
import type { Clock, ExecutedBlock, TxOutcome } from '@perigee/light-core/roles';
import type { VerifyEd25519 } from '@perigee/light-core/signature';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { equal, type HeaderAnswer, PerigeeError, type StateProof, type TxProofAnswer, toHex, txIdOf } from '@perigee/wire';
import type { TxResult } from './application/index.ts';
import type { Chain, LatestHeader } from './chain.ts';
import { type BlockEvent, BlockStore, EmbeddedEngine, type Head, type TxPlace, validatorSetsOf } from './engine/index.ts';
import { executedTxs } from './executed-txs.ts';
import type { Genesis } from './genesis/index.ts';
import { StateMachine } from './machine/index.ts';
import type { StateTree } from './state/index.ts';
import { txProofOf } from './tx-proof.ts';

export interface ChainNodeOptions {
  /** Directory of blocks and state; created when missing, used by one process at a time. */
  readonly dir: string;
  readonly genesis: Genesis;
  /** Keys of all validators. */
  readonly signers: readonly Ed25519Signer[];
  readonly clock: Clock;
  /** Time between blocks when nothing waits, milliseconds. */
  readonly blockIntervalMs?: number;
  readonly verifyEd25519?: VerifyEd25519;
}

/** A development chain on the embedded engine: makes blocks, and answers for its headers, state and transactions. */
export class ChainNode implements Chain {
  readonly genesis: Genesis;
  readonly #machine: StateMachine;
  readonly #store: BlockStore;
  readonly #engine: EmbeddedEngine;
  #running: Promise<void> | undefined;

  private constructor(genesis: Genesis, machine: StateMachine, store: BlockStore, engine: EmbeddedEngine) {
    this.genesis = genesis;
    this.#machine = machine;
    this.#store = store;
    this.#engine = engine;
  }

  /**
   * Open a chain where it ended, or begin it.
   *
   * @throws GENESIS, VALIDATOR_SET, WRONG_CHAIN, STORE_VERSION, STORE_CORRUPT, STORE_LOCKED
   */
  static async open(options: ChainNodeOptions): Promise<ChainNode> {
    const { dir, genesis, signers, clock, blockIntervalMs, verifyEd25519 } = options;
    const store = await BlockStore.open(join(dir, 'blocks'));
    const opened: { close(): Promise<void> }[] = [store];
    try {
      const machine = await StateMachine.open({
        dir: join(dir, 'state'),
        ...(verifyEd25519 === undefined ? {} : { verifyEd25519 }),
      });
      opened.push(machine);
      const interval = blockIntervalMs === undefined ? {} : { blockIntervalMs };
      const engine = await EmbeddedEngine.open({ app: machine, store, genesis, signers, clock, ...interval });
      // without a header there is nothing to trust, and without a second nothing can be proved under it
      while ((store.head?.height ?? 0) <= genesis.initChain.initialHeight) await engine.makeBlock();
      return new ChainNode(genesis, machine, store, engine);
    } catch (error) {
      for (const part of opened) await part.close();
      throw error;
    }
  }

  run(): Promise<void> {
    this.#running ??= this.#engine.run();
    return this.#running;
  }

  async close(): Promise<void> {
    this.#engine.stop();
    await this.#running?.catch(() => {});
    await this.#machine.close();
    await this.#store.close();
  }

  /** Not that of the store: a block is there before its state is. */
  get #head(): Head {
    return this.#engine.head;
  }

  get chainId(): string {
    return this.genesis.initChain.chainId;
  }

  latest(): LatestHeader {
    const { height, blockId } = this.#head;
    return { height, headerHash: blockId.hash, header: this.#store.header(height).header };
  }

  get earliest(): number {
    return this.genesis.initChain.initialHeight;
  }

  /**
   * A header with its commit and validators; with those of the next block where their powers have changed.
   *
   * @throws NOT_FOUND
   */
  lightBlock(height: number): HeaderAnswer {
    if (height < this.earliest || height > this.#head.height) {
      throw new PerigeeError('NOT_FOUND', `there is no header ${height}; there are ${this.earliest} to ${this.#head.height}`);
    }
    const { header, commit, validators } = this.#store.header(height);
    const block = { signedHeader: { header, commit }, validatorSet: validators };
    if (equal(header.validatorsHash, header.nextValidatorsHash)) return { block };
    const head = this.#head;
    const [, afterHead] = validatorSetsOf(head);
    return { block, nextValidators: height === head.height ? afterHead : this.#store.header(height + 1).validators };
  }

  async block(height: number): Promise<ExecutedBlock> {
    if (height < this.earliest || height > this.#head.height) {
      throw new PerigeeError('NOT_FOUND', `there is no block ${height}; there are ${this.earliest} to ${this.#head.height}`);
    }
    const { header, data } = this.#store.block(height);
    const { commit } = this.#store.header(height);
    return { header, headerHash: commit.blockId.hash, txs: executedTxs(height, data.txs, this.#store.results(height)) };
  }

  async heightOf(headerHash: Uint8Array): Promise<number | undefined> {
    return this.#store.heightOf(headerHash);
  }

  async placeOf(hash: Uint8Array): Promise<TxPlace | undefined> {
    return this.#store.placeOf(hash);
  }

  valueAt(store: string, key: Uint8Array, height?: number): Uint8Array | undefined {
    return this.#machine.valueAt(store, key, height);
  }

  nextNonce(address: Uint8Array): Promise<number> {
    return this.#engine.mempool.between(() => this.#machine.nextNonce(address));
  }

  prove(store: string, key: Uint8Array, height = 0): StateProof {
    return this.#machine.prove(store, key, this.#provable(height));
  }

  tree(store: string, height = 0): StateTree {
    return this.#machine.tree(store, this.#provable(height));
  }

  #provable(height: number): number {
    const last = this.#head.height - 1;
    if (last < this.earliest || height > last) {
      throw new PerigeeError('NOT_FOUND', `state of height ${height} has no header after it yet; the last that has is ${last}`);
    }
    return height === 0 ? last : height;
  }

  async add(raw: Uint8Array): Promise<TxOutcome> {
    const txId = txIdOf(raw);
    const known = this.result(txId);
    if (known !== undefined) return known;
    const refused = await this.#engine.add(raw);
    return refused === undefined ? { txId, height: 0, code: 0, log: '' } : refusedOutcome(txId, refused);
  }

  /** @throws BUSY, ABORTED */
  async submit(raw: Uint8Array, options: { readonly signal?: AbortSignal } = {}): Promise<TxOutcome> {
    const outcome = await this.add(raw);
    return outcome.height === 0 && outcome.code === 0 ? this.settled(outcome.txId, options) : outcome;
  }

  result(txId: Uint8Array): TxOutcome | undefined {
    const stored = this.#store.result(txId);
    if (stored !== undefined) return { txId, height: stored.height, code: stored.code, log: stored.log };
    return this.#engine.mempool.has(txId) ? { txId, height: 0, code: 0, log: '' } : undefined;
  }

  proveTx(txId: Uint8Array): TxProofAnswer {
    const stored = this.#store.result(txId);
    if (stored === undefined || stored.height >= this.latest().height) {
      throw new PerigeeError('NOT_FOUND', `no block with a header after it holds transaction ${toHex(txId)} here`);
    }
    const { height, index } = stored;
    return txProofOf(height, index, this.#store.block(height).data.txs, this.#store.results(height));
  }

  settled(txId: Uint8Array, { signal }: { readonly signal?: AbortSignal } = {}): Promise<TxOutcome> {
    return new Promise((resolve, reject) => {
      const known = this.result(txId);
      if (known === undefined) return reject(new PerigeeError('NOT_FOUND', `transaction ${toHex(txId)} is not known here`));
      if (known.height > 0) return resolve(known);
      const id = toHex(txId);
      const end = (outcome: TxOutcome | undefined) => {
        stopListening();
        signal?.removeEventListener('abort', onAbort);
        if (outcome === undefined) reject(new PerigeeError('ABORTED', `no longer waiting for transaction ${id}`));
        else resolve(outcome);
      };
      const onAbort = () => end(undefined);
      const stopListening = this.#engine.onBlock(({ dropped }) => {
        const refused = dropped.get(id);
        if (refused !== undefined) return end(refusedOutcome(txId, refused));
        const result = this.#store.result(txId);
        if (result !== undefined) end({ txId, height: result.height, code: result.code, log: result.log });
      });
      if (signal?.aborted) onAbort();
      else signal?.addEventListener('abort', onAbort, { once: true });
    });
  }

  /** Calls back after every block, until the returned function is called. */
  onBlock(listener: (event: BlockEvent) => void): () => void {
    return this.#engine.onBlock(listener);
  }

  recentBlobs(): readonly Uint8Array[] {
    return this.#engine.recentBlobs;
  }
}

function refusedOutcome(txId: Uint8Array, { code, log }: TxResult): TxOutcome {
  return { txId, height: 0, code, log };
}
