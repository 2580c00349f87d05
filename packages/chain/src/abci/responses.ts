/** What an application answers (`tendermint.abci.Response`). */
import {
  ConsensusParams,
  type Infer,
  MAX_ABCI_BLOCK_TXS,
  MAX_ABCI_EVENTS,
  MAX_ABCI_VALIDATORS,
  message,
  proto,
  ValidatorUpdate,
} from '@perigee/wire';
import { enumeration, text } from './fields.ts';
import { ANY, Event, ProofOps, Snapshot, TxResult } from './parts.ts';

const { bytes, embedded, int53, optional, repeated, uint32, uint53 } = proto;

const NoFields = message('ResponseFlush', {});
/** Snapshots that an application tells of at once; CometBFT takes the newest. */
const MAX_SNAPSHOTS = 1_024;

/** Of a proposal, or of the extension of a vote. */
const accepted = enumeration([
  [true, 1],
  [false, 2],
]);
const validatorUpdates = repeated(embedded(ValidatorUpdate), MAX_ABCI_VALIDATORS);

const ResponseInfo = message('ResponseInfo', {
  data: [1, text(ANY)],
  version: [2, text(ANY)],
  appVersion: [3, uint53()],
  lastBlockHeight: [4, int53()],
  lastBlockAppHash: [5, bytes(ANY)],
});

const ResponseInitChain = message('ResponseInitChain', {
  consensusParams: [1, optional(embedded(ConsensusParams))],
  validators: [2, validatorUpdates],
  appHash: [3, bytes(ANY)],
});

const ResponseQuery = message('ResponseQuery', {
  code: [1, uint32()],
  log: [3, text(ANY)],
  info: [4, optional(text(ANY))],
  index: [5, optional(int53())],
  key: [6, bytes(ANY)],
  value: [7, bytes(ANY)],
  proofOps: [8, optional(embedded(ProofOps))],
  height: [9, int53()],
  codespace: [10, optional(text(ANY))],
});

const ResponseFinalizeBlock = message('ResponseFinalizeBlock', {
  events: [1, repeated(embedded(Event), MAX_ABCI_EVENTS)],
  txResults: [2, repeated(embedded(TxResult), MAX_ABCI_BLOCK_TXS)],
  validatorUpdates: [3, validatorUpdates],
  consensusParamUpdates: [4, optional(embedded(ConsensusParams))],
  appHash: [5, bytes(ANY)],
});

const ResponseOfferSnapshot = message('ResponseOfferSnapshot', {
  result: [
    1,
    enumeration([
      ['accept', 1],
      ['abort', 2],
      ['reject', 3],
      ['rejectFormat', 4],
      ['rejectSender', 5],
    ]),
  ],
});

const ResponseApplySnapshotChunk = message('ResponseApplySnapshotChunk', {
  result: [
    1,
    enumeration([
      ['accept', 1],
      ['abort', 2],
      ['retry', 3],
      ['retrySnapshot', 4],
      ['rejectSnapshot', 5],
    ]),
  ],
  refetchChunks: [2, repeated(uint32(), MAX_ABCI_EVENTS)],
  rejectSenders: [3, repeated(text(ANY), MAX_ABCI_EVENTS)],
});

/** Exactly one field is set. */
export const Response = message('Response', {
  exception: [1, optional(embedded(message('ResponseException', { error: [1, text(ANY)] })))],
  echo: [2, optional(embedded(message('ResponseEcho', { message: [1, text(ANY)] })))],
  flush: [3, optional(embedded(NoFields))],
  info: [4, optional(embedded(ResponseInfo))],
  initChain: [6, optional(embedded(ResponseInitChain))],
  query: [7, optional(embedded(ResponseQuery))],
  checkTx: [9, optional(embedded(TxResult))],
  commit: [12, optional(embedded(message('ResponseCommit', { retainHeight: [3, int53()] })))],
  listSnapshots: [
    13,
    optional(embedded(message('ResponseListSnapshots', { snapshots: [1, repeated(embedded(Snapshot), MAX_SNAPSHOTS)] }))),
  ],
  offerSnapshot: [14, optional(embedded(ResponseOfferSnapshot))],
  loadSnapshotChunk: [15, optional(embedded(message('ResponseLoadSnapshotChunk', { chunk: [1, bytes(ANY)] })))],
  applySnapshotChunk: [16, optional(embedded(ResponseApplySnapshotChunk))],
  prepareProposal: [
    17,
    optional(embedded(message('ResponsePrepareProposal', { txs: [1, repeated(bytes(ANY), MAX_ABCI_BLOCK_TXS)] }))),
  ],
  processProposal: [18, optional(embedded(message('ResponseProcessProposal', { accept: [1, accepted] })))],
  extendVote: [19, optional(embedded(message('ResponseExtendVote', { voteExtension: [1, bytes(ANY)] })))],
  verifyVoteExtension: [20, optional(embedded(message('ResponseVerifyVoteExtension', { accept: [1, accepted] })))],
  finalizeBlock: [21, optional(embedded(ResponseFinalizeBlock))],
});
export type Response = Infer<typeof Response>;
