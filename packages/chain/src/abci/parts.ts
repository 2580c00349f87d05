/**
 * Messages inside of ABCI requests and responses (`tendermint.abci`, CometBFT v0.38). `embedded` stands where gogoproto has
 * `nullable = false` and so always writes the field. Bounds are those of a frame: what CometBFT hands on from strangers is refused by
 * the application, in an answer, and never by breaking the connection, which would stop the node.
 */
import { MAX_ABCI_EVENTS, MAX_ABCI_FRAME_BYTES, MAX_ABCI_VALIDATORS, message, proto, Timestamp } from '@perigee/wire';
import { enumeration, saturating, text } from './fields.ts';

const { bool, bytes, embedded, int53, int64, optional, repeated, uint32 } = proto;

export const ANY = MAX_ABCI_FRAME_BYTES;
const ADDRESS_BYTES = 64;

const Validator = message('Validator', { address: [1, bytes(ADDRESS_BYTES)], power: [3, int64()] });

const VoteInfo = message('VoteInfo', { validator: [1, embedded(Validator)], blockIdFlag: [3, uint32()] });

export const CommitInfo = message('CommitInfo', {
  round: [1, int53()],
  votes: [2, repeated(embedded(VoteInfo), MAX_ABCI_VALIDATORS)],
});

const ExtendedVoteInfo = message('ExtendedVoteInfo', {
  validator: [1, embedded(Validator)],
  voteExtension: [3, bytes(ANY)],
  extensionSignature: [4, bytes(ANY)],
  blockIdFlag: [5, uint32()],
});

export const ExtendedCommitInfo = message('ExtendedCommitInfo', {
  round: [1, int53()],
  votes: [2, repeated(embedded(ExtendedVoteInfo), MAX_ABCI_VALIDATORS)],
});

export const Misbehavior = message('Misbehavior', {
  type: [
    1,
    enumeration([
      ['duplicateVote', 1],
      ['lightClientAttack', 2],
    ]),
  ],
  validator: [2, embedded(Validator)],
  height: [3, int53()],
  time: [4, embedded(Timestamp)],
  totalVotingPower: [5, int64()],
});

export const Event = message('Event', {
  type: [1, text(ANY)],
  attributes: [
    2,
    repeated(
      embedded(message('EventAttribute', { key: [1, text(ANY)], value: [2, text(ANY)], index: [3, bool()] })),
      MAX_ABCI_EVENTS,
    ),
  ],
});

/** ExecTxResult; ResponseCheckTx has the same fields. */
export const TxResult = message('ExecTxResult', {
  code: [1, uint32()],
  data: [2, bytes(ANY)],
  log: [3, text(ANY)],
  info: [4, optional(text(ANY))],
  gasWanted: [5, int53()],
  gasUsed: [6, int53()],
  events: [7, repeated(embedded(Event), MAX_ABCI_EVENTS)],
  codespace: [8, optional(text(ANY))],
});

export const Snapshot = message('Snapshot', {
  height: [1, saturating(false)],
  format: [2, uint32()],
  chunks: [3, uint32()],
  hash: [4, bytes(ANY)],
  metadata: [5, bytes(ANY)],
});

export const ProofOps = message('ProofOps', {
  ops: [
    1,
    repeated(
      embedded(message('ProofOp', { type: [1, text(ANY)], key: [2, bytes(ANY)], data: [3, bytes(ANY)] })),
      MAX_ABCI_EVENTS,
    ),
  ],
});
