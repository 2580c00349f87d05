/** One value of every message that crosses a wire or lies in a store, with every field set. Deterministic: their bytes are stored, and follow from how many came before, so that they stay in one file. */
import * as wire from '../src/index.ts';

let counter = 0;

/** `length` bytes that differ from all others of this file. */
function bytes(length: number): Uint8Array {
  counter++;
  return Uint8Array.from({ length }, (_, i) => (counter * 37 + i * 11) & 255);
}

const time: wire.Timestamp = { seconds: 1_800_000_000, nanos: 123_456_789 };
const blockId: wire.BlockId = { hash: bytes(32), partSetHeader: { total: 1, hash: bytes(32) } };

const header: wire.Header = {
  version: { block: 11, app: 1 },
  chainId: 'perigee-0a1b2c3d',
  height: 12,
  time,
  lastBlockId: blockId,
  lastCommitHash: bytes(32),
  dataHash: bytes(32),
  validatorsHash: bytes(32),
  nextValidatorsHash: bytes(32),
  consensusHash: bytes(32),
  appHash: bytes(32),
  lastResultsHash: bytes(32),
  evidenceHash: bytes(32),
  proposerAddress: bytes(20),
};

const commit: wire.Commit = {
  height: 12,
  round: 0,
  blockId,
  signatures: [{ blockIdFlag: wire.BLOCK_ID_FLAG.commit, validatorAddress: bytes(20), timestamp: time, signature: bytes(64) }],
};

const validator = { address: bytes(20), publicKey: { ed25519: bytes(32) }, votingPower: 10n, proposerPriority: -3n };
const validatorSet: wire.ValidatorSet = { validators: [validator], proposer: validator, totalVotingPower: 10n };
const headerAnswer: wire.HeaderAnswer = {
  block: { signedHeader: { header, commit }, validatorSet },
  nextValidators: validatorSet,
};

const blob = {
  blobId: wire.concat(wire.u8(0), bytes(32)),
  k: 1_024,
  n: 3_072,
  rowSize: 4_160,
  length: 4_194_304,
  namespace: bytes(8),
  quorum: 7_500,
  persist: true,
  expiryHeight: 5_000,
};
const promise: wire.BlobPromise = {
  body: {
    ...blob,
    publisher: bytes(20),
    publicKey: bytes(32),
    maxFee: 1n << 100n,
    nonce: 9,
    genesisHash: bytes(32),
    epoch: 3,
  },
  signature: bytes(64),
};
const certified = {
  ...blob,
  rowRoot: bytes(32),
  publisher: bytes(20),
  promiseId: bytes(32),
  epoch: 3,
  committeeHash: bytes(32),
  signers: Uint8Array.of(0b0111),
};
const certificate: wire.Certificate = { ...certified, signatures: [bytes(64), bytes(64), bytes(64)] };
const record: wire.BlobRecord = { ...certified, height: 77 };
const committee: wire.Committee = { members: [{ address: bytes(20), publicKey: bytes(32), stake: 1_000n }] };
const peerRecord: wire.PeerRecord = {
  body: {
    genesisHash: bytes(32),
    epoch: 3,
    address: bytes(20),
    peerId: '12D3KooWExample',
    multiaddrs: ['/ip4/127.0.0.1/udp/4001/webrtc-direct/certhash/uEiExample'],
    sequence: 2,
    expiry: 1_800_000_600_000,
  },
  signature: bytes(64),
};

const existence: wire.ExistenceProof = {
  key: wire.utf8('blob/1'),
  value: bytes(40),
  leaf: { hash: 1, prehashKey: 0, prehashValue: 1, length: 1, prefix: Uint8Array.of(0, 2, 8) },
  path: [{ hash: 1, prefix: bytes(8), suffix: bytes(33) }],
};
const stateProof: wire.StateProof = {
  height: 11,
  store: 'da',
  storeRoot: bytes(32),
  inner: { exist: existence },
  outer: existence,
};

const appState: wire.AppState = {
  version: 0,
  development: true,
  epochBlocks: 600,
  committee,
  accounts: [{ address: bytes(20), balance: 10n ** 24n }],
  ethereumChainId: 16_700,
  maxRetentionBlocks: 100_000,
  gasPrice: 1n,
  daPrice: 0n,
  collateralFloors: [],
};
const initChain: wire.InitChain = {
  time,
  chainId: '',
  consensusParams: {
    block: { maxBytes: 4_194_304n, maxGas: -1n },
    evidence: { maxAgeNumBlocks: 100_000, maxAgeDuration: { seconds: 1_814_400, nanos: 0 }, maxBytes: 65_536 },
    validator: { publicKeyTypes: ['ed25519'] },
    version: { app: 1 },
    abci: { voteExtensionsEnableHeight: 0 },
  },
  validators: [{ publicKey: { ed25519: bytes(32) }, power: 10 }],
  appStateBytes: wire.AppState.encode(appState),
  initialHeight: 1,
};

const tx: wire.Tx = {
  version: wire.TX_VERSION,
  chain: bytes(8),
  sender: bytes(20),
  lane: 1,
  nonce: 4,
  expiryHeight: 900,
  gasLimit: 200_000,
  maxFee: 1n << 70n,
  tip: 5n,
  messages: [{ certify: { certificate } }, { transfer: { to: bytes(20), amount: 255n } }],
  auth: { scheme: wire.AUTH_SCHEME.ed25519, publicKey: bytes(32), signature: bytes(64) },
};

const submission = {
  length: 300_001,
  nodes: [
    { root: new Uint8Array(32).fill(3), height: 10 },
    { root: new Uint8Array(32).fill(4), height: 8 },
  ],
  tags: new Uint8Array(64).fill(5),
};

const prime: wire.Infer<typeof wire.Prime> = { rowRoot: bytes(32), rlcOriginal: bytes(64) };
const proof: wire.RowProof = { index: 17, row: bytes(64), path: bytes(96) };

const voteOf = (fill: number): wire.Vote => ({
  type: 2,
  height: 12,
  round: 1,
  blockId: { hash: new Uint8Array(32).fill(fill), partSetHeader: { total: 1, hash: new Uint8Array(32).fill(fill + 2) } },
  timestamp: time,
  validatorAddress: new Uint8Array(20).fill(5),
  validatorIndex: 3,
  signature: new Uint8Array(64).fill(fill + 6),
  extension: Uint8Array.of(9),
  extensionSignature: new Uint8Array(64).fill(10),
});

/** A message and a value of it; both are of one type, which is lost here because the table holds many. */
function sample<T>(message: wire.Message<T>, value: T): { message: wire.Message<unknown>; value: unknown } {
  return { message: message as wire.Message<unknown>, value };
}

/** Bytes that stay the same wherever a sample stands among the others. */
const filled = (length: number): Uint8Array => Uint8Array.from({ length }, (_, i) => (7 * i + length) & 0xff);

const parameters: wire.InferenceParameters = {
  maxTokens: 256,
  temperatureMillionths: 700_000,
  topPMillionths: 950_000,
  seed: 42,
  stop: ['\n\n', 'END'],
};
const chat: wire.InferenceRequest = {
  version: 1,
  kind: wire.MODEL_KIND.chat,
  modelRoot: filled(32),
  salt: filled(32),
  messages: [
    { role: 'system', content: 'Answer in one sentence.' },
    { role: 'user', content: 'What is the perigee?' },
  ],
  inputs: [],
  parameters,
};
const order: wire.PaymentOrder = {
  body: {
    version: 1,
    genesisHash: filled(32),
    provider: filled(20),
    payer: filled(20),
    modelRoot: filled(32),
    requestHash: filled(32),
    maxFee: 1n << 70n,
    nonce: filled(16),
    expiryHeight: 1_200,
  },
  auth: { scheme: 1, publicKey: filled(32), signature: filled(64) },
};
const execution: wire.InferenceExecution = {
  version: 1,
  orderId: filled(32),
  modelRoot: filled(32),
  evidenceId: filled(32),
  engine: 'int8/1',
  parameters,
  price: { perRequest: 10n, perPromptToken: 2n, perAnswerToken: 3n },
};
const checkpoint: wire.Checkpoint = {
  body: {
    version: 1,
    orderId: filled(32),
    requestHash: filled(32),
    executionHash: filled(32),
    sequence: 3,
    chunks: 70,
    bytes: 512,
    runningHash: filled(32),
    usage: { promptTokens: 12, answerTokens: 70 },
    fee: 244n,
    finish: wire.FINISH.stop,
  },
  signature: filled(64),
};
const inferenceReceipt: wire.InferenceReceipt = {
  version: 1,
  order,
  execution,
  checkpoint,
  signer: { scheme: 1, key: filled(32) },
};

const provider: wire.ProviderRecord = {
  body: {
    version: wire.PROVIDER_VERSION,
    genesisHash: filled(32),
    root: filled(32),
    key: filled(32),
    shardId: 1,
    numShard: 4,
    multiaddrs: ['/ip4/192.0.2.7/tcp/4001', '/ip4/192.0.2.7/udp/4002/webrtc-direct/certhash/uEiA'],
    url: 'http://192.0.2.7:5678/',
    expiry: 1_795_420_800_000,
  },
  signature: filled(64),
};

const terms = {
  signer: inferenceReceipt.signer,
  encryptionKey: filled(32),
  modelRoot: filled(32),
  price: inferenceReceipt.execution.price,
  endpoints: ['/ip4/192.0.2.7/tcp/4001', 'https://provider.example/v1'],
  simulated: true,
  boundHeight: 9,
};

const grounds: wire.ReceiptGrounds = {
  version: 1,
  encryptionKey: filled(32),
  boundHeight: 9,
  boundHash: filled(32),
  subject: 'intel/tdx/b0c06f000000/platform',
  simulated: true,
  expiryTime: 1_790_000_000,
  evidence: filled(100),
  collateral: filled(90),
};

export const SAMPLES = {
  RequestFrame: sample(wire.RequestFrame, { id: 300, body: bytes(5), cancel: false }),
  AnswerFrame: sample(wire.AnswerFrame, { id: 300, last: true, error: { code: 'BUSY', message: 'too many requests' } }),
  StatusRequest: sample(wire.StatusRequest, { watch: true }),
  Status: sample(wire.Status, {
    version: 1,
    genesisHash: bytes(32),
    chainId: 'perigee-0a1b2c3d',
    height: 12,
    headerHash: bytes(32),
    earliest: 1,
    recentBlobs: [blob.blobId],
    peers: [peerRecord],
    roles: ['chain', 'da'],
  }),
  HeadersRequest: sample(wire.HeadersRequest, { height: 12, count: 1 }),
  HeaderAnswer: sample(wire.HeaderAnswer, headerAnswer),
  StateRequest: sample(wire.StateRequest, { height: 11, store: 'da', keys: [wire.utf8('blob/1')] }),
  StateAnswer: sample(wire.StateAnswer, { proofs: [stateProof] }),
  StateProofOfAbsence: sample(wire.StateProof, {
    ...stateProof,
    inner: { nonexist: { key: wire.utf8('blob/2'), left: existence, right: existence } },
  }),
  RowsRequest: sample(wire.RowsRequest, { blobId: blob.blobId, indices: [0, 17, 300], prime: true }),
  RowAnswer: sample(wire.RowAnswer, { index: 17, status: wire.ROW_STATUS.row, proof }),
  RowAnswerPrime: sample(wire.RowAnswer, { prime, status: wire.ROW_STATUS.row }),
  UploadOpen: sample(wire.UploadRequest, { open: { promise, prime } }),
  UploadRows: sample(wire.UploadRequest, { rows: { promiseId: bytes(32), rows: [proof] } }),
  UploadSign: sample(wire.UploadRequest, { sign: bytes(32) }),
  UploadAnswer: sample(wire.UploadAnswer, { missing: 0, signature: bytes(64) }),
  TxRequest: sample(wire.TxRequest, { submit: bytes(12), wait: true }),
  TxAnswer: sample(wire.TxAnswer, { txId: bytes(32), height: 12, code: 0, log: '' }),
  Tx: sample(wire.Tx, tx),
  Account: sample(wire.Account, { balance: 12n, nonces: [{ lane: 0, next: 3 }] }),
  Certificate: sample(wire.Certificate, certificate),
  BlobRecord: sample(wire.BlobRecord, record),
  Committee: sample(wire.Committee, committee),
  PeerRecord: sample(wire.PeerRecord, peerRecord),
  InitChain: sample(wire.InitChain, initChain),
  Block: sample(wire.Block, { header, data: { txs: [bytes(10)] }, evidence: {}, lastCommit: commit }),
  AppStateWithFees: sample(wire.AppState, { ...appState, daPrice: 3n, faucet: bytes(20) }),
  UploadAnswerHeld: sample(wire.UploadAnswer, { missing: 3, held: bytes(2) }),
  BlobList: sample(wire.BlobList, { previous: 9, blobIds: [bytes(33), bytes(33)] }),
  LastBlobList: sample(wire.LastBlobList, { height: 12 }),
  FaucetRequest: sample(wire.FaucetRequest, { address: bytes(20) }),
  FaucetAnswer: sample(wire.FaucetAnswer, { amount: 10n ** 20n, height: 13 }),
  Evidence: sample(wire.Evidence, {
    version: wire.EVIDENCE_VERSION,
    chainId: 'perigee-0a1b2c3d',
    genesisHash: bytes(32),
    headers: [headerAnswer],
    blobId: blob.blobId,
    record: stateProof,
    committee,
    prime,
    row: proof,
    foundAt: 1_800_000_000_000,
  }),
  HeaderConflict: sample(wire.HeaderConflict, {
    version: 0,
    chainId: 'perigee-0a1b2c3d',
    common: headerAnswer,
    first: headerAnswer,
    second: headerAnswer,
    foundAt: 1_800_000_000_000,
  }),
  TxSessions: sample(wire.Tx, {
    ...tx,
    messages: [
      { grantSession: { key: bytes(32), kinds: [1, 2], cap: 5n * 10n ** 18n, expiryHeight: 900 } },
      { revokeSession: { key: bytes(32) } },
      { stake: { amount: 10n ** 21n, validatorKey: bytes(32), committeeKey: bytes(32) } },
      { unstake: { amount: 10n ** 20n } },
    ],
  }),
  Sessions: sample(wire.Sessions, { sessions: [{ key: bytes(32), kinds: [1, 2], left: 7n, expiryHeight: 900 }] }),
  StakedValidator: sample(wire.StakedValidator, {
    validatorKey: bytes(32),
    committeeKey: bytes(32),
    stake: 10n ** 21n,
    unbonding: [{ amount: 9n, startHeight: 3, releaseHeight: 50, releaseTime: 1_800_000_100 }],
    tombstoned: true,
  }),
  ValidatorList: sample(wire.ValidatorList, { validators: [{ address: bytes(20), validatorKey: bytes(32), power: 1_000 }] }),
  ReleaseQueue: sample(wire.ReleaseQueue, { addresses: [bytes(20)] }),
  AppStateWithFloors: sample(wire.AppState, {
    ...appState,
    collateralFloors: [
      { name: 'intel/tdx/b0c06f000000/qeIdentity', number: 17 },
      { name: 'intel/tdx/b0c06f000000/tcbInfo', number: 18 },
    ],
  }),
  AppStateWithStake: sample(wire.AppState, {
    ...appState,
    staking: {
      unbondingBlocks: 1_814_400,
      unbondingSeconds: 1_814_400,
      maxValidators: 100,
      slashDuplicateVote: 500,
      slashLightClientAttack: 1_000,
      stakes: [{ address: bytes(20), validatorKey: bytes(32), committeeKey: bytes(32), amount: 10n ** 21n }],
    },
  }),
  CometEvidence: sample(wire.CometEvidence, {
    duplicateVote: { voteA: voteOf(1), voteB: voteOf(2), totalVotingPower: 100n, validatorPower: 10n, timestamp: time },
    lightClientAttack: {
      conflictingBlock: headerAnswer.block,
      commonHeight: 9,
      byzantineValidators: [validator],
      totalVotingPower: 100n,
      timestamp: time,
    },
  }),
  StoredHeaders: sample(wire.StoredHeaders, { version: 1, chainId: 'perigee-0a1b2c3d' }),
  TxProofRequest: sample(wire.TxProofRequest, { txId: bytes(32) }),
  TxProofAnswer: sample(wire.TxProofAnswer, {
    height: 12,
    tx: bytes(12),
    index: 1,
    total: 2,
    txPath: [bytes(32)],
    result: { code: 20, data: bytes(2), gasWanted: 9, gasUsed: 7 },
    resultPath: [bytes(32)],
  }),
  CollateralBundle: sample(wire.CollateralBundle, {
    version: 1,
    subject: 'amd/Milan/vcek',
    parts: [
      { name: 'ark', bytes: bytes(5) },
      { name: 'ask', bytes: bytes(6) },
      { name: 'crl', bytes: bytes(7) },
    ],
  }),
  CollateralRequest: sample(wire.CollateralRequest, { subject: 'intel/tdx/b0c06f000000/platform', simulated: true }),
  CollateralAnswer: sample(wire.CollateralAnswer, { file: bytes(40) }),
  ProviderEvidenceRequest: sample(wire.ProviderEvidenceRequest, { evidenceId: filled(32), collateralId: filled(32) }),
  ProviderEvidenceAnswer: sample(wire.ProviderEvidenceAnswer, { evidence: bytes(40), collateral: bytes(50) }),
  TxStorage: sample(wire.Tx, { ...tx, messages: [{ storageSubmit: { ...submission, value: 10n ** 18n } }] }),
  StoredFile: sample(wire.StoredFile, {
    ...submission,
    txSeq: 7,
    root: bytes(32),
    startSector: 2_048,
    author: bytes(20),
    height: 12,
    price: 30_720n,
    flowRoot: bytes(32),
  }),
  FlowRecord: sample(wire.FlowRecord, {
    length: 3_328,
    root: bytes(32),
    frontier: [bytes(32), bytes(32), bytes(32)],
    submissions: 8,
    paidSectors: 1_281,
    pool: 30_744n,
  }),
  SubmitResults: sample(wire.SubmitResults, {
    submits: [{ message: 1, txSeq: 7, startSector: 2_048, sectors: 1_280, existing: true }],
    writes: [],
    settlements: [],
  }),
  SegmentsRequest: sample(wire.SegmentsRequest, { root: bytes(32), first: 2, count: 4 }),
  SegmentsRequestByTxSeq: sample(wire.SegmentsRequest, { txSeq: 7, first: 2, count: 1 }),
  SegmentAnswer: sample(wire.SegmentAnswer, {
    index: 2,
    data: bytes(256),
    proof: { lemma: [bytes(32), bytes(32), bytes(32)], path: [true] },
  }),
  SegmentUploadRequest: sample(wire.SegmentUploadRequest, {
    txSeq: 7,
    root: bytes(32),
    length: 262_400,
    segments: [{ index: 1, data: bytes(256), proof: { lemma: [bytes(32), bytes(32), bytes(32)], path: [false] } }],
    heldFrom: 0,
  }),
  SegmentUploadQuestion: sample(wire.SegmentUploadRequest, { root: bytes(32), length: 2 ** 40, segments: [], heldFrom: 32_768 }),
  SegmentUploadAnswer: sample(wire.SegmentUploadAnswer, {
    status: wire.FILE_STATUS.open,
    txSeq: 7,
    missing: 3,
    shardId: 1,
    numShard: 4,
    held: bytes(5),
  }),
  AppStateWithStorage: sample(wire.AppState, { ...appState, storage: { pricePerSector: 24n } }),
  StatusOfStorage: sample(wire.Status, {
    version: 1,
    genesisHash: new Uint8Array(32).fill(1),
    chainId: 'perigee-0a1b2c3d',
    height: 12,
    headerHash: new Uint8Array(32).fill(2),
    earliest: 0,
    recentBlobs: [],
    peers: [],
    roles: ['storage'],
    storage: { shardId: 1, numShard: 4, url: 'http://192.0.2.7:5678/' },
  }),
  StorageOffer: sample(wire.StorageOffer, { shardId: 1, numShard: 4 }),
  PartHeader: sample(wire.PartHeader, { version: wire.PART_VERSION, root: bytes(32), length: 600_000 }),
  PendingPayment: sample(wire.PendingPayment, { version: wire.PENDING_PAYMENT_VERSION, raw: bytes(40) }),
  Folder: sample(wire.Folder, {
    version: wire.FOLDER_VERSION,
    parts: [{ root: bytes(32), length: 2 ** 40 }],
    files: [
      { path: 'a/empty', size: 0, offset: 0, executable: false },
      { path: 'a/model.safetensors', size: 2_000, part: 0, offset: 17, executable: true },
    ],
    tensors: [{ name: 'layers.0.weight', dtype: 'BF16', shape: [2, 3], file: 1, begin: 100, end: 112 }],
  }),
  Sealing: sample(wire.Sealing, { version: wire.SEALING_VERSION, header: bytes(17), key: bytes(32) }),
  BlobRecordStored: sample(wire.BlobRecord, { ...record, storedAs: 7 }),
  SectorRequest: sample(wire.SectorRequest, { sector: 70_001, flowRoot: bytes(32) }),
  SectorAnswer: sample(wire.SectorAnswer, {
    data: bytes(256),
    proof: { lemma: [bytes(32), bytes(32), bytes(32), bytes(32)], path: [true, false] },
  }),
  TxKvSet: sample(wire.Tx, { ...tx, messages: [{ kvSet: { streams: [filled(32), filled(32)], data: filled(60) } }] }),
  TxKvApply: sample(wire.Tx, { ...tx, messages: [{ kvApply: { txSeq: 7, data: filled(60) } }] }),
  KvEntry: sample(wire.KvEntry, { version: 7, author: filled(20), deposit: 10n ** 20n, value: filled(12) }),
  KvStream: sample(wire.KvStream, { author: filled(20), txSeq: 3 }),
  KvRights: sample(wire.KvRights, { admin: true, writer: true, specialKeys: 2 }),
  KvResult: sample(wire.KvResult, { result: 'Commit', height: 12 }),
  KvState: sample(wire.KvState, { nextDue: 4 }),
  SubmitResultsWithWrites: sample(wire.SubmitResults, {
    submits: [],
    writes: [{ message: 1, txSeq: 7, result: 'VersionConfliction' }],
    settlements: [],
  }),
  AppStateWithKv: sample(wire.AppState, { ...appState, storage: { pricePerSector: 24n }, kv: { depositPerByte: 5n } }),
  StateRun: sample(wire.StateRun, {
    height: 12,
    store: 'kv',
    storeRoot: filled(32),
    leaves: [existence, existence],
    outer: existence,
  }),
  KvRequestOfKeys: sample(wire.KvRequest, { stream: filled(32), height: 12, keys: [filled(3), filled(9)] }),
  KvRequestOfRange: sample(wire.KvRequest, {
    stream: filled(32),
    height: 0,
    keys: [],
    scan: { lower: { key: filled(4), inclusive: true }, upper: { key: filled(4), inclusive: false }, reverse: true, limit: 20 },
  }),
  KvRequestOfChanges: sample(wire.KvRequest, {
    stream: filled(32),
    height: 0,
    keys: [],
    watch: { key: filled(4), isPrefix: true, since: 12 },
  }),
  KvAnswer: sample(wire.KvAnswer, { proofs: [stateProof], changes: { height: 12, proofs: [stateProof], more: true } }),
  KvCached: sample(wire.KvCached, {
    stream: filled(32),
    key: filled(5),
    height: 12,
    timeMs: 1_795_420_800_000,
    entry: { version: 7, author: filled(20), deposit: 85n, value: filled(12) },
  }),
  KvCachedAbsence: sample(wire.KvCached, { stream: filled(32), key: filled(5), height: 12, timeMs: 1_795_420_800_000 }),
  ProviderRecord: sample(wire.ProviderRecord, provider),
  PagesRequest: sample(wire.PagesRequest, { version: 1 }),
  PagesAnswer: sample(wire.PagesAnswer, { peerIds: ['12D3KooWGcoKS6DGFean4KD9mporHGnfyYuFCmco3nJs2NWcAFRe'] }),
  PageRequestHave: sample(wire.PageRequest, { have: filled(33), receipts: [] }),
  PageRequestReceipts: sample(wire.PageRequest, {
    receipts: [
      {
        body: {
          version: 1,
          genesisHash: filled(32),
          blobId: filled(33),
          key: filled(32),
          drawn: 40,
          verified: 39,
          at: 1_700_000_000_000,
        },
        signature: filled(64),
      },
    ],
  }),
  PageAnswer: sample(wire.PageAnswer, { held: Uint8Array.of(5, 128) }),
  ProvidersRequestHello: sample(wire.ProvidersRequest, {
    hello: { multiaddrs: ['/ip4/192.0.2.7/tcp/4001'] },
    search: false,
  }),
  ProvidersRequestAnnounce: sample(wire.ProvidersRequest, { announce: provider, search: false }),
  ProvidersRequestFind: sample(wire.ProvidersRequest, { find: filled(32), search: true }),
  ProvidersAnswer: sample(wire.ProvidersAnswer, { records: [provider], multiaddrs: ['/ip4/192.0.2.7/tcp/4001'] }),
  InferenceRequestChat: sample(wire.InferenceRequest, chat),
  InferenceRequestEmbeddings: sample(wire.InferenceRequest, {
    version: 1,
    kind: wire.MODEL_KIND.embeddings,
    modelRoot: filled(32),
    salt: filled(0),
    messages: [],
    inputs: ['The nearest point of an orbit.', 'A sentence about bread.'],
    parameters: { maxTokens: 0, temperatureMillionths: 0, topPMillionths: 0, stop: [] },
  }),
  PaymentOrder: sample(wire.PaymentOrder, order),
  PaymentOrderUnpaid: sample(wire.PaymentOrder, {
    body: { ...order.body, payer: new Uint8Array(20), maxFee: 0n, expiryHeight: 0 },
  }),
  InferenceExecution: sample(wire.InferenceExecution, execution),
  Checkpoint: sample(wire.Checkpoint, checkpoint),
  FeeClaim: sample(wire.FeeClaim, { order, checkpoint }),
  InferenceReceipt: sample(wire.InferenceReceipt, inferenceReceipt),
  OpenedReceipt: sample(wire.OpenedReceipt, {
    receipt: inferenceReceipt,
    request: chat,
    answer: { chunks: [wire.utf8('The '), wire.utf8('nearest point.')] },
  }),
  ReceiptGrounds: sample(wire.ReceiptGrounds, grounds),
  OpenedReceiptWithGrounds: sample(wire.OpenedReceipt, {
    receipt: inferenceReceipt,
    grounds: wire.ReceiptGrounds.encode(grounds),
  }),
  TxComputeRegister: sample(wire.Tx, {
    ...tx,
    messages: [
      { computeRegister: { ...terms, stake: 10n ** 21n, evidence: filled(100), collateral: filled(90), possession: filled(64) } },
    ],
  }),
  TxComputeRetire: sample(wire.Tx, { ...tx, messages: [{ computeRetire: { signers: [inferenceReceipt.signer], amount: 7n } }] }),
  TxComputeDeposit: sample(wire.Tx, {
    ...tx,
    messages: [{ computeDeposit: { amount: 10n ** 18n, caps: [{ provider: filled(20), left: 10n ** 17n }] } }],
  }),
  TxComputeWithdraw: sample(wire.Tx, { ...tx, messages: [{ computeWithdraw: { amount: 10n ** 18n } }] }),
  TxComputeSettle: sample(wire.Tx, {
    ...tx,
    messages: [{ computeSettle: { signer: inferenceReceipt.signer, claims: [{ order, checkpoint }] } }],
  }),
  TxComputeReport: sample(wire.Tx, {
    ...tx,
    messages: [
      {
        computeReport: {
          receipt: inferenceReceipt,
          verdict: wire.AUDIT_VERDICT.fraud,
          ownHash: filled(32),
          request: chat,
          answer: { chunks: [filled(5), filled(6)] },
        },
      },
    ],
  }),
  SubmitResultsWithSettlements: sample(wire.SubmitResults, {
    submits: [],
    writes: [],
    settlements: [{ message: 1, codes: [0, 49, 0], paid: 10n ** 18n }],
  }),
  ProviderRegistration: sample(wire.ProviderRegistration, {
    ...terms,
    provider: filled(20),
    boundHash: filled(32),
    evidenceId: filled(32),
    collateralId: filled(32),
    subject: 'intel/tdx/b0c06f000000/platform',
    registeredHeight: 12,
    expiryTime: 1_800_000_000,
    place: 3,
  }),
  ComputeProvider: sample(wire.ComputeProvider, {
    stake: 10n ** 21n,
    unbonding: [{ amount: 7n, height: 900 }],
    signers: [inferenceReceipt.signer],
  }),
  RegistrationList: sample(wire.RegistrationList, { count: 4 }),
  RetiredRegistration: sample(wire.RetiredRegistration, {
    provider: filled(20),
    encryptionKey: filled(32),
    modelRoot: filled(32),
    height: 1_000,
  }),
  ComputeBalance: sample(wire.ComputeBalance, {
    available: 10n ** 18n,
    unlocking: [{ amount: 9n, height: 901 }],
    caps: [
      { provider: filled(20), left: 10n ** 17n },
      { provider: filled(20), left: 9n, lowered: { left: 8n, height: 902 } },
    ],
    sessions: [{ key: filled(32), left: 10n ** 16n, expiryHeight: 1_000, lowered: { left: 7n, expiryHeight: 950, height: 903 } }],
  }),
  BlockReference: sample(wire.BlockReference, { hash: filled(32), time: 1_800_000_000 }),
  SettledOrder: sample(wire.SettledOrder, { orderId: filled(32), provider: filled(20), sequence: 3, fee: 10n ** 15n }),
  SettledLists: sample(wire.SettledLists, { count: 2 }),
  SettledList: sample(wire.SettledList, { orders: [filled(56), filled(56)] }),
  AuditRecord: sample(wire.AuditRecord, {
    verdict: wire.AUDIT_VERDICT.fraud,
    provider: filled(20),
    signer: inferenceReceipt.signer,
    modelRoot: filled(32),
    sequence: 3,
    runningHash: filled(32),
    ownHash: filled(32),
    height: 12,
    deposit: 10n ** 18n,
    isCounted: false,
  }),
  AppStateWithCompute: sample(wire.AppState, {
    ...appState,
    compute: { minStake: 10n ** 21n, unbondingBlocks: 1_814_400, unlockBlocks: 3_600, reportDeposit: 10n ** 18n },
  }),
  InferenceCallModels: sample(wire.InferenceCall, {}),
  InferenceCall: sample(wire.InferenceCall, { request: chat, order }),
  InferenceCallSealed: sample(wire.InferenceCall, { order, sealed: wire.utf8('{"_e2ee":{}}') }),
  InferenceFrameModels: sample(wire.InferenceFrame, {
    models: [
      {
        id: 'perigee-int8-en',
        kind: wire.MODEL_KIND.chat,
        modelRoot: filled(32),
        engine: 'int8/1',
        contextTokens: 512,
        maxAnswerTokens: 256,
        dimensions: 384,
        price: execution.price,
        provider: filled(20),
        signer: { scheme: 2, key: filled(20) },
        evidenceId: filled(32),
        reproducible: true,
      },
    ],
  }),
  InferenceFrameOpening: sample(wire.InferenceFrame, {
    models: [],
    opening: { order, execution, signer: inferenceReceipt.signer },
  }),
  InferenceFrameChunk: sample(wire.InferenceFrame, { models: [], chunk: wire.utf8('nearest') }),
  InferenceFrameCheckpoint: sample(wire.InferenceFrame, { models: [], checkpoint }),
  InferenceFrameSealed: sample(wire.InferenceFrame, { models: [], sealed: wire.utf8('{"_e2ee":{}}') }),
  TxComputeReportOfBlob: sample(wire.Tx, {
    ...tx,
    messages: [
      {
        computeReport: {
          receipt: inferenceReceipt,
          verdict: wire.AUDIT_VERDICT.overcount,
          ownHash: filled(32),
          blobId: blob.blobId,
        },
      },
    ],
  }),
  AuditRecordOfBlob: sample(wire.AuditRecord, {
    verdict: wire.AUDIT_VERDICT.overcount,
    provider: filled(20),
    signer: inferenceReceipt.signer,
    modelRoot: filled(32),
    sequence: 3,
    runningHash: filled(32),
    ownHash: filled(32),
    height: 12,
    deposit: 10n ** 18n,
    blobId: blob.blobId,
    isCounted: true,
    place: 4,
  }),
  ReportSums: sample(wire.ReportSums, {
    agreement: { reports: 90, accounts: 3 },
    fraud: { reports: 4, accounts: 2 },
    overcount: { reports: 1, accounts: 1 },
  }),
  AuditorSums: sample(wire.AuditorSums, { agreement: 30, fraud: 2, overcount: 1 }),
  ReportPlace: sample(wire.ReportPlace, { orderId: filled(32), auditor: filled(20) }),
  AuditBook: sample(wire.AuditBook, {
    version: 1,
    height: 1_200,
    waiting: [blob.blobId],
    known: [filled(36), filled(36)],
    day: 20_000,
    blobs: 5,
    bytes: 123_456,
    agreements: 4,
  }),
  AuditBook2: sample(wire.AuditBook, {
    version: wire.AUDIT_BOOK_VERSION,
    height: 1_200,
    waiting: [],
    known: [],
    day: 20_000,
    blobs: 5,
    bytes: 123_456,
    agreements: 4,
    begun: { blobId: blob.blobId, times: 2 },
  }),
  AuditDeposits: sample(wire.AuditDeposits, {
    version: wire.AUDIT_DEPOSITS_VERSION,
    held: [{ account: filled(20), receipt: inferenceReceipt, height: 1_200 }],
  }),
} as const;
