/**
 * The application side of ABCI 2.0 (CometBFT v0.38), as values: a server frames them, the embedded engine calls them directly.
 * Fields that this application neither reads nor fills are left out.
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
  readonly gasWanted: number;
  readonly gasUsed: number;
  readonly events: readonly Event[];
}

export interface ProposalRequest {
  /** PrepareProposal: as the mempool orders them. ProcessProposal: as the proposer chose them. */
  readonly txs: readonly Uint8Array[];
  /** PrepareProposal: bytes that the transactions may take in all. */
  readonly maxTxBytes: number;
  readonly height: number;
  readonly time: Timestamp;
}

export type ProcessProposalRequest = Omit<ProposalRequest, 'maxTxBytes'>;

export interface VoteInfo {
  readonly validator: { readonly address: Uint8Array; readonly power: bigint };
  readonly blockIdFlag: number;
}

export interface Misbehavior {
  readonly type: 'duplicateVote' | 'lightClientAttack';
  readonly validator: { readonly address: Uint8Array; readonly power: bigint };
  readonly height: number;
  readonly time: Timestamp;
  readonly totalVotingPower: bigint;
}

export interface FinalizeBlockRequest {
  readonly txs: readonly Uint8Array[];
  readonly decidedLastCommit: { readonly round: number; readonly votes: readonly VoteInfo[] };
  readonly misbehavior: readonly Misbehavior[];
  /** Header hash of the block. */
  readonly hash: Uint8Array;
  readonly height: number;
  readonly time: Timestamp;
  readonly nextValidatorsHash: Uint8Array;
  readonly proposerAddress: Uint8Array;
}

export interface FinalizeBlockResponse {
  readonly events: readonly Event[];
  /** One for each transaction, in order. */
  readonly txResults: readonly TxResult[];
  /** They sign from the block after the next. */
  readonly validatorUpdates: readonly ValidatorUpdate[];
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

/** What an engine drives. Calls of one connection are made one after another; `checkTx` and `query` may come at any time. */
export interface Application {
  info(): Promise<InfoResponse>;
  initChain(request: InitChain): Promise<InitChainResponse>;
  checkTx(request: CheckTxRequest): Promise<TxResult>;
  prepareProposal(request: ProposalRequest): Promise<{ readonly txs: readonly Uint8Array[] }>;
  processProposal(request: ProcessProposalRequest): Promise<{ readonly accept: boolean }>;
  finalizeBlock(request: FinalizeBlockRequest): Promise<FinalizeBlockResponse>;
  commit(): Promise<CommitResponse>;
  query(request: QueryRequest): Promise<QueryResponse>;
}
