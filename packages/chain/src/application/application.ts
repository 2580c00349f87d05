/**
 * The application side of ABCI 2.0 (CometBFT v0.38), as values: the server of `../abci` frames them, the embedded engine calls them directly.
 */
import type { ConsensusParams, InitChain, Timestamp, ValidatorUpdate } from '@perigee/wire';

export interface InfoResponse {
  readonly data: string;
  readonly version: string;
  readonly appVersion: number;
  /** Last committed height, 0 before the first. */
  readonly lastBlockHeight: number;
  readonly lastBlockAppHash: Uint8Array;
}

export interface InitChainResponse {
  readonly consensusParams?: ConsensusParams;
  /** Empty: the set of the request stays. */
  readonly validators: readonly ValidatorUpdate[];
  readonly appHash: Uint8Array;
}

export interface CheckTxRequest {
  readonly tx: Uint8Array;
  readonly type: 'new' | 'recheck';
}

export interface Event {
  readonly type: string;
  readonly attributes: readonly { readonly key: string; readonly value: string; readonly index: boolean }[];
}

/** `code` 0 is success, else a number of `RESULT_CODE`. Only code, data and gas are covered by `last_results_hash`. */
export interface TxResult {
  readonly code: number;
  readonly data: Uint8Array;
  readonly log: string;
  readonly info?: string;
  readonly codespace?: string;
  readonly gasWanted: number;
  readonly gasUsed: number;
  readonly events: readonly Event[];
}

export interface VoteInfo {
  readonly validator: { readonly address: Uint8Array; readonly power: bigint };
  /** 1 absent, 2 for the block, 3 for none. */
  readonly blockIdFlag: number;
}

export interface ExtendedVoteInfo extends VoteInfo {
  readonly voteExtension: Uint8Array;
  readonly extensionSignature: Uint8Array;
}

export interface Misbehavior {
  readonly type: 'duplicateVote' | 'lightClientAttack';
  readonly validator: { readonly address: Uint8Array; readonly power: bigint };
  readonly height: number;
  readonly time: Timestamp;
  readonly totalVotingPower: bigint;
}

/** What every block, proposed or decided, comes with. */
interface BlockContext {
  readonly misbehavior: readonly Misbehavior[];
  readonly height: number;
  readonly time: Timestamp;
  readonly nextValidatorsHash: Uint8Array;
  readonly proposerAddress: Uint8Array;
}

export interface PrepareProposalRequest extends BlockContext {
  /** As the mempool orders them. */
  readonly txs: readonly Uint8Array[];
  /** Bytes that the transactions may take in all. */
  readonly maxTxBytes: number;
  readonly localLastCommit: { readonly round: number; readonly votes: readonly ExtendedVoteInfo[] };
}

export interface ProcessProposalRequest extends BlockContext {
  /** As the proposer chose them. */
  readonly txs: readonly Uint8Array[];
  readonly proposedLastCommit: { readonly round: number; readonly votes: readonly VoteInfo[] };
  /** Header hash of the block. */
  readonly hash: Uint8Array;
}

export type ExtendVoteRequest = ProcessProposalRequest;

export interface VerifyVoteExtensionRequest {
  readonly hash: Uint8Array;
  readonly validatorAddress: Uint8Array;
  readonly height: number;
  readonly voteExtension: Uint8Array;
}

export interface FinalizeBlockRequest extends BlockContext {
  readonly txs: readonly Uint8Array[];
  readonly decidedLastCommit: { readonly round: number; readonly votes: readonly VoteInfo[] };
  /** Header hash of the block. */
  readonly hash: Uint8Array;
}

export interface FinalizeBlockResponse {
  readonly events: readonly Event[];
  /** One for each transaction, in order. */
  readonly txResults: readonly TxResult[];
  /** They sign from the block after the next. */
  readonly validatorUpdates: readonly ValidatorUpdate[];
  readonly consensusParamUpdates?: ConsensusParams;
  readonly appHash: Uint8Array;
}

export interface QueryRequest {
  readonly data: Uint8Array;
  /** `/store/<name>/key`. */
  readonly path: string;
  /** 0 for the last committed height. */
  readonly height: number;
  readonly prove: boolean;
}

export interface ProofOp {
  readonly type: string;
  readonly key: Uint8Array;
  readonly data: Uint8Array;
}

export interface QueryResponse {
  readonly code: number;
  readonly log: string;
  readonly key: Uint8Array;
  /** Empty when the key is not there. */
  readonly value: Uint8Array;
  readonly proofOps: readonly ProofOp[];
  readonly height: number;
}

export interface CommitResponse {
  /** Blocks below this height are not needed to restart or to prove. */
  readonly retainHeight: number;
}

/** A state that others can begin from instead of replaying all blocks. */
export interface Snapshot {
  readonly height: number;
  /** Of the chunks; the application's own numbering. */
  readonly format: number;
  readonly chunks: number;
  /** Equal only for snapshots whose chunks are equal. */
  readonly hash: Uint8Array;
  readonly metadata: Uint8Array;
}

export interface OfferSnapshotRequest {
  readonly snapshot: Snapshot;
  /** Of the header after the snapshot's height, which a light client has verified. Everything else is the word of a peer. */
  readonly appHash: Uint8Array;
}

export interface LoadSnapshotChunkRequest {
  readonly height: number;
  readonly format: number;
  readonly chunk: number;
}

export interface ApplySnapshotChunkRequest {
  readonly index: number;
  readonly chunk: Uint8Array;
  /** Whom the chunk came from. */
  readonly sender: string;
}

export interface ApplySnapshotChunkResponse {
  readonly result: 'accept' | 'abort' | 'retry' | 'retrySnapshot' | 'rejectSnapshot';
  /** Chunks to fetch and apply again. */
  readonly refetchChunks: readonly number[];
  /** Who is to be asked for no chunk any more. */
  readonly rejectSenders: readonly string[];
}

/**
 * What an engine drives. `checkTx`, `query`, `listSnapshots` and `loadSnapshotChunk` may come at any time, beside each other and beside the others; of all
 * other calls one is made at a time. What is thrown stops the engine: it is for failures of the node, never for what somebody sent.
 */
export interface Application {
  info(): Promise<InfoResponse>;
  initChain(request: InitChain): Promise<InitChainResponse>;
  checkTx(request: CheckTxRequest): Promise<TxResult>;
  prepareProposal(request: PrepareProposalRequest): Promise<{ readonly txs: readonly Uint8Array[] }>;
  processProposal(request: ProcessProposalRequest): Promise<{ readonly accept: boolean }>;
  finalizeBlock(request: FinalizeBlockRequest): Promise<FinalizeBlockResponse>;
  commit(): Promise<CommitResponse>;
  query(request: QueryRequest): Promise<QueryResponse>;
  /** Only where consensus parameters enable vote extensions, as the next. */
  extendVote(request: ExtendVoteRequest): Promise<{ readonly voteExtension: Uint8Array }>;
  verifyVoteExtension(request: VerifyVoteExtensionRequest): Promise<{ readonly accept: boolean }>;
  listSnapshots(): Promise<{ readonly snapshots: readonly Snapshot[] }>;
  offerSnapshot(
    request: OfferSnapshotRequest,
  ): Promise<{ readonly result: 'accept' | 'abort' | 'reject' | 'rejectFormat' | 'rejectSender' }>;
  /** An empty chunk says that it is not here. */
  loadSnapshotChunk(request: LoadSnapshotChunkRequest): Promise<{ readonly chunk: Uint8Array }>;
  applySnapshotChunk(request: ApplySnapshotChunkRequest): Promise<ApplySnapshotChunkResponse>;
}
