import { validatorSetHash } from '@perigee/light-core/comet';
import type { Clock } from '@perigee/light-core/roles';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { equal, PerigeeError, toHex } from '@perigee/wire';
import type { Application, TxResult } from '../application/index.ts';
import type { Genesis } from '../genesis/index.ts';
import type { BlockStore, Head, StoredResult } from './block-store.ts';
import { medianTime, voteTime } from './block-time.ts';
import { finalizeRequest, votesOf } from './finalize.ts';
import { headAfter, storedResults, validatorSetsOf } from './head.ts';
import { makeBlock, maxTxBytes, NO_COMMIT, signCommit } from './make-block.ts';
import { Mempool } from './mempool.ts';
import { replay } from './replay.ts';
import { proposerOf } from './validator-set.ts';

/** Time between blocks when nothing waits, milliseconds. */
const BLOCK_INTERVAL_MS = 1_000;
/** Time between blocks when something waits, milliseconds. */
const MIN_BLOCK_INTERVAL_MS = 100;

const NO_EXTENSION = { voteExtension: new Uint8Array(0), extensionSignature: new Uint8Array(0) };

export interface EmbeddedEngineOptions {
  readonly app: Application;
  readonly store: BlockStore;
  /** Of a development chain. */
  readonly genesis: Genesis;
  /** Keys of all genesis validators. */
  readonly signers: readonly Ed25519Signer[];
  readonly clock: Clock;
  readonly blockIntervalMs?: number;
}

/** A block that is on disk and in the state. */
export interface BlockEvent {
  readonly height: number;
  readonly headerHash: Uint8Array;
  readonly results: readonly StoredResult[];
  /** Transactions that the new state refuses and that wait no longer, by id in hexadecimal. */
  readonly dropped: ReadonlyMap<string, TxResult>;
}

/**
 * Consensus of a development chain in one process: it holds the keys of all validators and makes the blocks, headers and commits that
 * CometBFT v0.38 would make of them, so the same light client verifies both. It agrees with nobody and survives nobody's crash but its own.
 */
export class EmbeddedEngine {
  readonly #options: EmbeddedEngineOptions;
  readonly #mempool: Mempool;
  readonly #listeners = new Set<(event: BlockEvent) => void>();
  readonly #stopping = new AbortController();
  #head: Head;
  #wake = new AbortController();
  /** Local time when the last block was begun. */
  #begun: number | undefined;
  /** The state after the last block is provable only under the next: do not let it wait when it is news. */
  #news = true;

  private constructor(options: EmbeddedEngineOptions, head: Head) {
    this.#options = options;
    this.#head = head;
    this.#mempool = new Mempool(options.app);
  }

  /**
   * Bring state and blocks together; makes no block yet.
   *
   * @throws GENESIS unless the chain is one for development, whose validators stay; VALIDATOR_SET when a key is missing; WRONG_CHAIN, STORE_CORRUPT
   */
  static async open(options: EmbeddedEngineOptions): Promise<EmbeddedEngine> {
    const { app, store, genesis, signers } = options;
    if (!genesis.appState.development) {
      throw new PerigeeError('GENESIS', `chain ${genesis.initChain.chainId} is not for development: run it with CometBFT`);
    }
    if (genesis.appState.staking !== undefined) {
      // whoever stakes would otherwise end it: it has no key of a validator that joins
      throw new PerigeeError(
        'GENESIS',
        `stakes change the validators of chain ${genesis.initChain.chainId}: run it with CometBFT, or leave out the rules of stake`,
      );
    }
    for (const { publicKey } of genesis.initChain.validators) {
      if (!signers.some((signer) => equal(signer.publicKey, publicKey.ed25519 ?? new Uint8Array(0)))) {
        throw new PerigeeError(
          'VALIDATOR_SET',
          `the key of validator ${toHex(publicKey.ed25519 ?? new Uint8Array(0))} is missing`,
        );
      }
    }
    return new EmbeddedEngine(options, await replay(app, store, genesis));
  }

  /** The last block whose state is committed. */
  get head(): Head {
    return this.#head;
  }

  get mempool(): Pick<Mempool, 'has' | 'size' | 'between'> {
    return this.#mempool;
  }

  /** Blobs recorded last, newest first. */
  get recentBlobs(): readonly Uint8Array[] {
    return this.#head.recentBlobs;
  }

  /**
   * Make blocks until `stop`.
   *
   * @returns when stopped
   * @throws what made the state machine or a store fail: no block can follow
   */
  async run(): Promise<void> {
    const { clock, blockIntervalMs = BLOCK_INTERVAL_MS } = this.#options;
    const minimum = Math.min(MIN_BLOCK_INTERVAL_MS, blockIntervalMs);
    const { signal } = this.#stopping;
    while (!signal.aborted) {
      this.#wake = new AbortController();
      const interval = this.#news || this.#mempool.size > 0 ? minimum : blockIntervalMs;
      const left = this.#begun === undefined ? 0 : Math.min(this.#begun + interval - clock.now(), interval);
      if (left > 0) await clock.sleep(left, this.#wake.signal).catch(() => {});
      else await this.makeBlock();
    }
  }

  stop(): void {
    this.#stopping.abort();
    this.#wake.abort();
  }

  /**
   * Let a transaction wait for a block.
   *
   * @returns `undefined` when it waits, else why the state machine refused it
   * @throws BUSY
   */
  async add(raw: Uint8Array): Promise<TxResult | undefined> {
    const refused = await this.#mempool.add(raw);
    if (refused === undefined) this.#wake.abort();
    return refused;
  }

  /** Calls back after every block, until the returned function is called. */
  onBlock(listener: (event: BlockEvent) => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }

  /** Make the next block, sign it, store it, and commit its state. `run` does this in time. */
  async makeBlock(): Promise<void> {
    const { app, store, genesis, signers, clock } = this.#options;
    this.#begun = clock.now();
    const head = this.#head;
    const height = head.height + 1;
    const [lastValidators, validators, nextValidators] = validatorSetsOf(head);
    const isFirst = height === genesis.initChain.initialHeight;
    const lastCommit = isFirst ? NO_COMMIT : store.header(head.height).commit;
    const time = isFirst ? genesis.initChain.time : medianTime(lastCommit, lastValidators);
    const blockLimits = genesis.initChain.consensusParams?.block ?? { maxBytes: 0n, maxGas: -1n };
    const nextValidatorsHash = validatorSetHash(nextValidators.validators);
    const proposerAddress = proposerOf(validators).address;
    const votes = votesOf(lastCommit, lastValidators);
    const { txs } = await app.prepareProposal({
      txs: this.#mempool.txs,
      maxTxBytes: maxTxBytes(blockLimits.maxBytes, validators.validators.length),
      localLastCommit: { round: lastCommit.round, votes: votes.map((vote) => ({ ...vote, ...NO_EXTENSION })) },
      misbehavior: [],
      height,
      time,
      nextValidatorsHash,
      proposerAddress,
    });
    const { block, blockId } = makeBlock({
      chainId: genesis.initChain.chainId,
      height,
      time,
      appVersion: genesis.initChain.consensusParams?.version?.app ?? 0,
      lastBlockId: head.blockId,
      lastCommit,
      txs,
      validators,
      nextValidators,
      blockLimits,
      appHash: head.appHash,
      lastResultsHash: head.lastResultsHash,
    });
    const { decidedLastCommit: proposedLastCommit, ...decided } = finalizeRequest(block, blockId.hash, lastValidators);
    const { accept } = await app.processProposal({ ...decided, proposedLastCommit });
    if (!accept) throw new PerigeeError('BLOCK', `the state machine refuses block ${height}, which it has proposed itself`);
    const response = await app.finalizeBlock({ ...decided, decidedLastCommit: proposedLastCommit });
    const commit = await signCommit(block, blockId, validators, signers, voteTime(time, clock.now()));
    const results = storedResults(txs, response);
    const next = headAfter(head, time, blockId, response);
    // blocks first: a state without its block could not be told from one of another chain
    await store.save({ block, commit, validators, results, head: next });
    const dropped = await this.#mempool.update(txs, async () => void (await app.commit()));
    this.#head = next;
    this.#news = txs.length > 0 || isFirst;
    for (const listener of this.#listeners) listener({ height, headerHash: blockId.hash, results, dropped });
  }
}
