import { createHash } from 'node:crypto';
import type { Application, FinalizeBlockRequest, QueryRequest, TxResult } from '@perigee/chain/abci';

const NONE = new Uint8Array(0);

/** Keeps what transactions say, `key=value`. In memory: CometBFT replays all blocks when it finds the application at height 0. */
export class KeyValue implements Application {
  #height = 0;
  #pairs: ReadonlyMap<string, string> = new Map();
  /** The pairs after the block that was executed and is not committed yet. */
  #next = this.#pairs;

  async info() {
    return {
      data: 'key-value',
      version: '1.0.0',
      appVersion: 1,
      lastBlockHeight: this.#height,
      lastBlockAppHash: this.#height === 0 ? NONE : hashOf(this.#pairs),
    };
  }

  async initChain() {
    return { validators: [], appHash: hashOf(this.#pairs) };
  }

  async checkTx({ tx }: { readonly tx: Uint8Array }) {
    return resultOf(tx);
  }

  /** As many transactions as there is room for: tag and length of each take up to six bytes in the block. */
  async prepareProposal({ txs, maxTxBytes }: { readonly txs: readonly Uint8Array[]; readonly maxTxBytes: number }) {
    let bytes = 0;
    const fits = (tx: Uint8Array): boolean => {
      bytes += tx.length + 6;
      return bytes <= maxTxBytes;
    };
    return { txs: txs.filter(fits) };
  }

  async processProposal({ txs }: { readonly txs: readonly Uint8Array[] }) {
    return { accept: txs.every((tx) => resultOf(tx).code === 0) };
  }

  async finalizeBlock({ txs }: Pick<FinalizeBlockRequest, 'txs'>) {
    const next = new Map(this.#pairs);
    for (const tx of txs) {
      const [key, value] = pairOf(tx);
      if (value !== undefined) next.set(key, value);
    }
    this.#next = next;
    return { events: [], txResults: txs.map(resultOf), validatorUpdates: [], appHash: hashOf(next) };
  }

  async commit() {
    this.#pairs = this.#next;
    this.#height += 1;
    return { retainHeight: 0 };
  }

  async query({ data }: Pick<QueryRequest, 'data'>) {
    const value = Buffer.from(this.#pairs.get(Buffer.from(data).toString()) ?? '');
    return { code: 0, log: '', key: data, value, proofOps: [], height: this.#height };
  }

  async extendVote() {
    return { voteExtension: NONE };
  }

  async verifyVoteExtension() {
    return { accept: true };
  }

  async listSnapshots() {
    return { snapshots: [] };
  }

  async offerSnapshot() {
    return { result: 'abort' as const };
  }

  async loadSnapshotChunk() {
    return { chunk: NONE };
  }

  async applySnapshotChunk() {
    return { result: 'abort' as const, refetchChunks: [], rejectSenders: [] };
  }
}

function pairOf(tx: Uint8Array): readonly [key: string, value?: string] {
  const [key = '', value] = Buffer.from(tx).toString().split('=');
  return value === undefined ? [key] : [key, value];
}

/** What every node must find alike: code, data and gas are in the next header. */
function resultOf(tx: Uint8Array): TxResult {
  const isPair = pairOf(tx)[1] !== undefined;
  const log = isPair ? '' : 'a transaction is written key=value';
  return { code: isPair ? 0 : 1, data: NONE, log, gasWanted: 1, gasUsed: 1, events: [] };
}

function hashOf(pairs: ReadonlyMap<string, string>): Uint8Array {
  return createHash('sha256')
    .update(JSON.stringify([...pairs].sort()))
    .digest();
}
