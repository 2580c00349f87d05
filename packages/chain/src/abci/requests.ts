/** What CometBFT asks (`tendermint.abci.Request`). */
import {
  ConsensusParams,
  type Infer,
  MAX_ABCI_BLOCK_TXS,
  MAX_ABCI_VALIDATORS,
  message,
  proto,
  Timestamp,
  ValidatorUpdate,
} from '@perigee/wire';
import { enumeration, saturating, text } from './fields.ts';
import { ANY, CommitInfo, ExtendedCommitInfo, Misbehavior, Snapshot } from './parts.ts';

const { bool, bytes, embedded, int53, optional, repeated, uint32, uint53 } = proto;

const NoFields = message('RequestFlush', {});
/** Two validators each vote twice in a block at most; bounded by the bytes of evidence that a block may hold. */
const MAX_MISBEHAVIOR = 65_536;

const txs = repeated(bytes(ANY), MAX_ABCI_BLOCK_TXS);
const misbehavior = repeated(embedded(Misbehavior), MAX_MISBEHAVIOR);
const hash = bytes(ANY);

const RequestInfo = message('RequestInfo', {
  version: [1, text(ANY)],
  blockVersion: [2, uint53()],
  p2pVersion: [3, uint53()],
  abciVersion: [4, text(ANY)],
});

const RequestInitChain = message('RequestInitChain', {
  time: [1, embedded(Timestamp)],
  chainId: [2, text(ANY)],
  consensusParams: [3, optional(embedded(ConsensusParams))],
  validators: [4, repeated(embedded(ValidatorUpdate), MAX_ABCI_VALIDATORS)],
  appStateBytes: [5, bytes(ANY)],
  initialHeight: [6, int53()],
});

const RequestQuery = message('RequestQuery', {
  data: [1, bytes(ANY)],
  path: [2, text(ANY)],
  height: [3, saturating(true)],
  prove: [4, bool()],
});

const RequestCheckTx = message('RequestCheckTx', {
  tx: [1, bytes(ANY)],
  type: [
    2,
    enumeration([
      ['new', 0],
      ['recheck', 1],
    ]),
  ],
});

const RequestPrepareProposal = message('RequestPrepareProposal', {
  maxTxBytes: [1, int53()],
  txs: [2, txs],
  localLastCommit: [3, embedded(ExtendedCommitInfo)],
  misbehavior: [4, misbehavior],
  height: [5, int53()],
  time: [6, embedded(Timestamp)],
  nextValidatorsHash: [7, hash],
  proposerAddress: [8, hash],
});

const RequestProcessProposal = message('RequestProcessProposal', {
  txs: [1, txs],
  proposedLastCommit: [2, embedded(CommitInfo)],
  misbehavior: [3, misbehavior],
  hash: [4, hash],
  height: [5, int53()],
  time: [6, embedded(Timestamp)],
  nextValidatorsHash: [7, hash],
  proposerAddress: [8, hash],
});

const RequestExtendVote = message('RequestExtendVote', {
  hash: [1, hash],
  height: [2, int53()],
  time: [3, embedded(Timestamp)],
  txs: [4, txs],
  proposedLastCommit: [5, embedded(CommitInfo)],
  misbehavior: [6, misbehavior],
  nextValidatorsHash: [7, hash],
  proposerAddress: [8, hash],
});

const RequestVerifyVoteExtension = message('RequestVerifyVoteExtension', {
  hash: [1, hash],
  validatorAddress: [2, hash],
  height: [3, int53()],
  voteExtension: [4, bytes(ANY)],
});

const RequestFinalizeBlock = message('RequestFinalizeBlock', {
  txs: [1, txs],
  decidedLastCommit: [2, embedded(CommitInfo)],
  misbehavior: [3, misbehavior],
  hash: [4, hash],
  height: [5, int53()],
  time: [6, embedded(Timestamp)],
  nextValidatorsHash: [7, hash],
  proposerAddress: [8, hash],
});

const RequestOfferSnapshot = message('RequestOfferSnapshot', {
  snapshot: [1, embedded(Snapshot)],
  appHash: [2, hash],
});

const RequestLoadSnapshotChunk = message('RequestLoadSnapshotChunk', {
  height: [1, saturating(false)],
  format: [2, uint32()],
  chunk: [3, uint32()],
});

const RequestApplySnapshotChunk = message('RequestApplySnapshotChunk', {
  index: [1, uint32()],
  chunk: [2, bytes(ANY)],
  sender: [3, text(ANY)],
});

/** Exactly one field is set. */
export const Request = message('Request', {
  echo: [1, optional(embedded(message('RequestEcho', { message: [1, text(ANY)] })))],
  flush: [2, optional(embedded(NoFields))],
  info: [3, optional(embedded(RequestInfo))],
  initChain: [5, optional(embedded(RequestInitChain))],
  query: [6, optional(embedded(RequestQuery))],
  checkTx: [8, optional(embedded(RequestCheckTx))],
  commit: [11, optional(embedded(NoFields))],
  listSnapshots: [12, optional(embedded(NoFields))],
  offerSnapshot: [13, optional(embedded(RequestOfferSnapshot))],
  loadSnapshotChunk: [14, optional(embedded(RequestLoadSnapshotChunk))],
  applySnapshotChunk: [15, optional(embedded(RequestApplySnapshotChunk))],
  prepareProposal: [16, optional(embedded(RequestPrepareProposal))],
  processProposal: [17, optional(embedded(RequestProcessProposal))],
  extendVote: [18, optional(embedded(RequestExtendVote))],
  verifyVoteExtension: [19, optional(embedded(RequestVerifyVoteExtension))],
  finalizeBlock: [20, optional(embedded(RequestFinalizeBlock))],
});
export type Request = Infer<typeof Request>;
