/** The values whose bytes CometBFT's Go types wrote into tests/vectors/abci.json. */
import type { Request, Response } from '@perigee/chain/abci';

/** n bytes that count up from `seed`. */
const b = (n: number, seed: number) => Uint8Array.from({ length: n }, (_, i) => seed + i);

const time = { seconds: 1_800_000_000, nanos: 123_456_789 };
const epoch = { seconds: 0, nanos: 0 };
const none = new Uint8Array(0);
const validator = (seed: number) => ({ address: b(20, seed), power: 1n << 59n });
const params = {
  block: { maxBytes: 4_194_304n, maxGas: -1n },
  evidence: { maxAgeNumBlocks: 100_000, maxAgeDuration: { seconds: 48 * 3600, nanos: 5 }, maxBytes: 65_536 },
  validator: { publicKeyTypes: ['ed25519', 'secp256k1'] },
  version: { app: 7 },
  abci: { voteExtensionsEnableHeight: 9 },
};
const validators = [
  { publicKey: { ed25519: b(32, 1) }, power: 10 },
  { publicKey: { secp256k1: b(33, 2) }, power: 0 },
];
const votes = {
  round: 2,
  votes: [
    { validator: validator(3), blockIdFlag: 2 },
    { validator: validator(4), blockIdFlag: 1 },
  ],
};
const misbehavior = [
  { type: 'duplicateVote' as const, validator: validator(5), height: 11, time, totalVotingPower: 1n << 60n },
  {
    type: 'lightClientAttack' as const,
    validator: validator(6),
    height: 10,
    time: { seconds: -1, nanos: 0 },
    totalVotingPower: 40n,
  },
];
const txs = [b(3, 7), none, b(200, 8)];
const events = [
  {
    type: 'transfer',
    attributes: [
      { key: 'to', value: 'Ünïcode', index: true },
      { key: '', value: '', index: false },
    ],
  },
];
const result = {
  code: 5,
  data: b(4, 9),
  log: 'log',
  info: 'info',
  gasWanted: 2 ** 52,
  gasUsed: -1,
  events,
  codespace: 'space',
};
const emptyResult = { code: 0, data: none, log: '', gasWanted: 0, gasUsed: 0, events: [] };
const snapshot = { height: 2 ** 40, format: 1, chunks: 3, hash: b(32, 10), metadata: b(5, 11) };
const next = { nextValidatorsHash: b(32, 13), proposerAddress: b(20, 14) };
const block = { txs, misbehavior, hash: b(32, 12), height: 12, time, ...next };

export const requests: Readonly<Record<string, Request>> = {
  echo: { echo: { message: 'hello' } },
  flush: { flush: {} },
  info: { info: { version: '0.38.25', blockVersion: 11, p2pVersion: 8, abciVersion: '2.0.0' } },
  initChain: {
    initChain: { time, chainId: 'chain-1', consensusParams: params, validators, appStateBytes: b(6, 15), initialHeight: 3 },
  },
  'initChain, empty': { initChain: { time: epoch, chainId: '', validators: [], appStateBytes: none, initialHeight: 0 } },
  query: { query: { data: b(4, 16), path: '/store/da/key', height: -1, prove: true } },
  checkTx: { checkTx: { tx: b(9, 17), type: 'new' } },
  'checkTx, again': { checkTx: { tx: b(9, 17), type: 'recheck' } },
  commit: { commit: {} },
  listSnapshots: { listSnapshots: {} },
  offerSnapshot: { offerSnapshot: { snapshot, appHash: b(32, 18) } },
  loadSnapshotChunk: { loadSnapshotChunk: { height: 2 ** 40, format: 1, chunk: 2 } },
  applySnapshotChunk: { applySnapshotChunk: { index: 2, chunk: b(300, 19), sender: 'peer' } },
  prepareProposal: {
    prepareProposal: {
      maxTxBytes: 1_000_000,
      txs,
      localLastCommit: {
        round: 1,
        votes: [{ validator: validator(20), voteExtension: b(7, 21), extensionSignature: b(64, 22), blockIdFlag: 3 }],
      },
      misbehavior,
      height: 12,
      time,
      ...next,
    },
  },
  processProposal: { processProposal: { ...block, proposedLastCommit: votes } },
  extendVote: { extendVote: { ...block, proposedLastCommit: votes } },
  verifyVoteExtension: {
    verifyVoteExtension: { hash: b(32, 12), validatorAddress: b(20, 23), height: 12, voteExtension: b(7, 21) },
  },
  finalizeBlock: { finalizeBlock: { ...block, decidedLastCommit: votes } },
  'finalizeBlock, empty': {
    finalizeBlock: {
      txs: [],
      decidedLastCommit: { round: 0, votes: [] },
      misbehavior: [],
      hash: none,
      height: 0,
      time: epoch,
      nextValidatorsHash: none,
      proposerAddress: none,
    },
  },
};

export const responses: Readonly<Record<string, Response>> = {
  exception: { exception: { error: 'PARSE: no' } },
  echo: { echo: { message: 'hello' } },
  flush: { flush: {} },
  info: { info: { data: 'data', version: '0.1.0', appVersion: 7, lastBlockHeight: 12, lastBlockAppHash: b(32, 24) } },
  initChain: { initChain: { consensusParams: params, validators, appHash: b(32, 25) } },
  query: {
    query: {
      code: 3,
      log: 'log',
      info: 'info',
      index: 4,
      key: b(4, 16),
      value: b(8, 26),
      proofOps: { ops: [{ type: 'ics23:iavl', key: b(4, 16), data: b(40, 27) }] },
      height: 12,
      codespace: 'space',
    },
  },
  checkTx: { checkTx: result },
  commit: { commit: { retainHeight: 5 } },
  listSnapshots: { listSnapshots: { snapshots: [snapshot] } },
  offerSnapshot: { offerSnapshot: { result: 'rejectFormat' } },
  loadSnapshotChunk: { loadSnapshotChunk: { chunk: b(300, 19) } },
  applySnapshotChunk: { applySnapshotChunk: { result: 'retry', refetchChunks: [0, 300], rejectSenders: ['a', 'b'] } },
  prepareProposal: { prepareProposal: { txs } },
  'processProposal, accept': { processProposal: { accept: true } },
  'processProposal, reject': { processProposal: { accept: false } },
  extendVote: { extendVote: { voteExtension: b(7, 21) } },
  verifyVoteExtension: { verifyVoteExtension: { accept: false } },
  finalizeBlock: {
    finalizeBlock: {
      events,
      txResults: [result, emptyResult],
      validatorUpdates: validators,
      consensusParamUpdates: params,
      appHash: b(32, 28),
    },
  },
};
