import { GENESIS_HASH_KEY, STORE } from '@perigee/light-core/state';
import { equal, MAX_SNAPSHOT_CHUNKS, PerigeeError } from '@perigee/wire';
import type { ApplySnapshotChunkRequest, ApplySnapshotChunkResponse, OfferSnapshotRequest } from '../application/index.ts';
import { decodeGenesis, encodeGenesis, GENESIS_META, type Genesis } from '../genesis/index.ts';
import type { AuthenticatedState, StateRestore } from '../state/index.ts';
import { nodesOf } from './chunks.ts';
import { SNAPSHOT_FORMAT, SnapshotMetadata } from './records.ts';
import { sha256 } from './snapshot-folder.ts';

/** A snapshot that was accepted. */
interface Accepted {
  readonly restore: StateRestore;
  readonly genesis: Genesis;
  readonly appHash: Uint8Array;
  readonly chunkHashes: readonly Uint8Array[];
  /** Index of the chunk that is due. */
  next: number;
}

/** Restores a state from a snapshot that peers offer. Only the app hash is known to be right; all else is checked against it. */
export class Restoring {
  readonly #state: AuthenticatedState;
  readonly #chainId: string | undefined;
  #accepted: Accepted | undefined;

  /** @param chainId of the chain; without it nothing is restored */
  constructor(state: AuthenticatedState, chainId: string | undefined) {
    this.#state = state;
    this.#chainId = chainId;
  }

  async offer({
    snapshot,
    appHash,
  }: OfferSnapshotRequest): Promise<'accept' | 'abort' | 'reject' | 'rejectFormat' | 'rejectSender'> {
    this.#accepted = undefined;
    if (this.#state.latest !== undefined || this.#chainId === undefined) return 'abort';
    if (snapshot.format !== SNAPSHOT_FORMAT) return 'rejectFormat';
    if (snapshot.chunks < 1 || snapshot.chunks > MAX_SNAPSHOT_CHUNKS || appHash.length !== 32 || snapshot.height < 1)
      return 'reject';
    try {
      const { genesis, chunkHashes } = SnapshotMetadata.decodeCanonical(snapshot.metadata);
      if (!equal(sha256(snapshot.metadata), snapshot.hash) || chunkHashes.length !== snapshot.chunks) return 'rejectSender';
      const begin = { genesis: decodeGenesis(genesis), appHash, chunkHashes, next: 0 };
      // the state proves all of the genesis but the name of the chain, which wallets sign
      if (begin.genesis.initChain.chainId !== this.#chainId) return 'rejectSender';
      this.#accepted = { ...begin, restore: await this.#state.restore(snapshot.height) };
      return 'accept';
    } catch (error) {
      if (isRefusal(error)) return 'rejectSender';
      throw error;
    }
  }

  /** @returns what to answer, and the genesis of the state when the chunk was the last and all is right */
  async apply({
    index,
    chunk,
    sender,
  }: ApplySnapshotChunkRequest): Promise<{ readonly response: ApplySnapshotChunkResponse; readonly genesis?: Genesis }> {
    const accepted = this.#accepted;
    const due = accepted?.chunkHashes[index];
    // with a state there is nothing to restore: the chain was begun from its genesis meanwhile
    if (this.#state.latest !== undefined || accepted === undefined || due === undefined || index !== accepted.next) {
      return { response: answer('abort') };
    }
    if (!equal(sha256(chunk), due)) {
      return { response: { result: 'retry', refetchChunks: [index], rejectSenders: sender === '' ? [] : [sender] } };
    }
    try {
      await accepted.restore.add(nodesOf(chunk));
      accepted.next += 1;
      if (accepted.next < accepted.chunkHashes.length) return { response: answer('accept') };
      this.#accepted = undefined;
      const { genesis } = accepted;
      const genesisHash = accepted.restore.get(STORE.chain, GENESIS_HASH_KEY);
      if (genesisHash === undefined || !equal(genesisHash, genesis.genesisHash)) {
        throw new PerigeeError('PROOF_ROOT', 'the snapshot names another genesis than its state');
      }
      await accepted.restore.finish(accepted.appHash, { [GENESIS_META]: encodeGenesis(genesis) });
      return { response: answer('accept'), genesis };
    } catch (error) {
      if (!isRefusal(error)) throw error;
      // every chunk is as the metadata says: it is the snapshot that is false
      this.#accepted = undefined;
      return { response: answer('rejectSnapshot') };
    }
  }
}

function answer(result: ApplySnapshotChunkResponse['result']): ApplySnapshotChunkResponse {
  return { result, refetchChunks: [], rejectSenders: [] };
}

/** What a peer sent was wrong; anything else is a failure of this node. */
function isRefusal(error: unknown): boolean {
  return error instanceof PerigeeError && ['PARSE', 'NOT_CANONICAL', 'PROOF_ROOT', 'GENESIS'].includes(error.code);
}
