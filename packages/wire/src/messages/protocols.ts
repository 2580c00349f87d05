/**
 * Requests and answers of the peer protocols. Each protocol is one long-lived stream of frames: uvarint length, then `RequestFrame`
 * from the one that opened the stream, `AnswerFrame` back. An answer may come in several frames; the last one has `last`.
 */
import { concat } from '../bytes.ts';
import {
  MAX_CHAIN_ID_BYTES,
  MAX_COMMITTEE_MEMBERS,
  MAX_FRAME_BYTES,
  MAX_HEADERS_PER_REQUEST,
  MAX_HELD_BYTES,
  MAX_MERKLE_PATH,
  MAX_REQUEST_ROW_BYTES,
  MAX_STATE_KEY_BYTES,
  MAX_TX_BYTES,
} from '../limits.ts';
import {
  bool,
  bytes,
  bytesView,
  embedded,
  fixedBytes,
  type Infer,
  message,
  optional,
  repeated,
  string,
  uint32,
  uint53,
  uint128,
} from '../proto/index.ts';
import { uvarint } from '../varint.ts';
import { DeterministicTxResult, LightBlock, ValidatorSet } from './comet.ts';
import { BlobPromise, PeerRecord, RowProof } from './da.ts';
import { StateProof } from './proof.ts';
import { StorageOffer } from './storage.ts';

export const PROTOCOL = {
  status: '/perigee/status/1',
  headers: '/perigee/headers/1',
  state: '/perigee/state/1',
  rows: '/perigee/rows/1',
  upload: '/perigee/upload/1',
  tx: '/perigee/tx/1',
  txProof: '/perigee/tx-proof/1',
  faucet: '/perigee/faucet/1',
  collateral: '/perigee/collateral/1',
  segments: '/perigee/segments/1',
  segmentUpload: '/perigee/segment-upload/1',
  kv: '/perigee/kv/1',
  sectors: '/perigee/sectors/1',
  inference: '/perigee/inference/1',
  providerEvidence: '/perigee/provider-evidence/1',
} as const;

/** Tags of the bodies of frames: fields 2 and 3, with their length before them. */
const BODY_OF_REQUEST = /* @__PURE__ */ Uint8Array.of(0x12);
const BODY_OF_ANSWER = /* @__PURE__ */ Uint8Array.of(0x1a);

export const RequestFrame = message('RequestFrame', {
  id: [1, uint32()],
  body: [2, bytesView(MAX_FRAME_BYTES)],
  /** Asks the server to stop answering request `id`. */
  cancel: [3, bool()],
});
export type RequestFrame = Infer<typeof RequestFrame>;

/** A request as two parts, so that a large body is not copied: joined they are what `RequestFrame` encodes. */
export function requestFrameParts(id: number, body: Uint8Array): [head: Uint8Array, body: Uint8Array] {
  const start = RequestFrame.encode({ id, body: new Uint8Array(0), cancel: false });
  return [body.length === 0 ? start : concat(start, BODY_OF_REQUEST, uvarint(body.length)), body];
}

/** A refusal: a code of PerigeeError and a sentence. */
export const WireError = message('WireError', { code: [1, string(32)], message: [2, string(512)] });

export const AnswerFrame = message('AnswerFrame', {
  id: [1, uint32()],
  last: [2, bool()],
  body: [3, optional(bytesView(MAX_FRAME_BYTES))],
  error: [4, optional(embedded(WireError))],
});
export type AnswerFrame = Infer<typeof AnswerFrame>;

/** An answer as two parts, so that a large body is not copied: joined they are what `AnswerFrame` encodes. */
export function answerFrameParts(id: number, last: boolean, body: Uint8Array): [head: Uint8Array, body: Uint8Array] {
  return [concat(AnswerFrame.encode({ id, last }), BODY_OF_ANSWER, uvarint(body.length)), body];
}

// ── status ─────────────────────────────────────────────────────────────────────────────────────────────────────────
export const StatusRequest = message('StatusRequest', {
  /** Keep answering, with a new status at each new head. */
  watch: [1, bool()],
});
export type StatusRequest = Infer<typeof StatusRequest>;

/** What a peer says of itself. Hints only: nothing of it is trusted before it is verified. */
export const Status = message('Status', {
  version: [1, uint32()],
  genesisHash: [2, fixedBytes(32)],
  chainId: [3, string(MAX_CHAIN_ID_BYTES)],
  /** Latest header that the peer can give; 0 while it has none. */
  height: [4, uint53()],
  headerHash: [5, bytes(32)],
  /** Earliest header that the peer can give. */
  earliest: [6, uint53()],
  /** Ids of the blobs recorded last, newest first. */
  recentBlobs: [7, repeated(fixedBytes(33), 16)],
  /** Signed addresses of committee members. */
  peers: [8, repeated(embedded(PeerRecord), MAX_COMMITTEE_MEMBERS)],
  /** Roles that the peer plays: chain, da, storage, light. */
  roles: [9, repeated(string(16), 8)],
  /** Of a peer that stores files. */
  storage: [10, optional(embedded(StorageOffer))],
});
export type Status = Infer<typeof Status>;

// ── headers ────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Height 0 asks for the latest. */
export const HeadersRequest = message('HeadersRequest', { height: [1, uint53()], count: [2, uint32(MAX_HEADERS_PER_REQUEST)] });
export type HeadersRequest = Infer<typeof HeadersRequest>;

/** `nextValidators` is left out where it equals the validators of the block. */
export const HeaderAnswer = message('HeaderAnswer', {
  block: [1, embedded(LightBlock)],
  nextValidators: [2, optional(embedded(ValidatorSet))],
});
export type HeaderAnswer = Infer<typeof HeaderAnswer>;

// ── state ──────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Height 0 asks for the latest height that can be proved (last header − 1). */
export const StateRequest = message('StateRequest', {
  height: [1, uint53()],
  store: [2, string(32)],
  keys: [3, repeated(bytes(MAX_STATE_KEY_BYTES), 64)],
});
export type StateRequest = Infer<typeof StateRequest>;

/** One proof a key, in the order asked. */
export const StateAnswer = message('StateAnswer', { proofs: [1, repeated(embedded(StateProof), 64)] });
export type StateAnswer = Infer<typeof StateAnswer>;

// ── rows ───────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Rows × rowSize is at most 1 MiB (MAX_REQUEST_ROW_BYTES); `prime` asks for rowRoot and rlcOriginal first. */
export const RowsRequest = message('RowsRequest', {
  blobId: [1, fixedBytes(33)],
  indices: [2, repeated(uint32(65_535), 4_096)],
  prime: [3, bool()],
});
export type RowsRequest = Infer<typeof RowsRequest>;

/** Why a row is not given (PROTOCOL §4). */
export const ROW_STATUS = { row: 0, notAssigned: 1, pruned: 2, refused: 3, busy: 4 } as const;

export const Prime = message('Prime', { rowRoot: [1, fixedBytes(32)], rlcOriginal: [2, bytesView(16 * 4_096)] });
export type Prime = Infer<typeof Prime>;

/** One frame: the prime, or one row or its refusal. */
export const RowAnswer = message('RowAnswer', {
  prime: [1, optional(embedded(Prime))],
  index: [2, optional(uint32(65_535))],
  status: [3, uint32(255)],
  proof: [4, optional(embedded(RowProof))],
});
export type RowAnswer = Infer<typeof RowAnswer>;

// ── upload ─────────────────────────────────────────────────────────────────────────────────────────────────────────
/**
 * Upload of the rows of one blob to one member: `open` with the promise and the prime, `rows` as often as needed, `sign` when all
 * assigned rows are there. Exactly one field is set. Repeating a step is harmless.
 */
export const UploadRequest = message('UploadRequest', {
  open: [1, optional(embedded(message('UploadOpen', { promise: [1, embedded(BlobPromise)], prime: [2, embedded(Prime)] })))],
  rows: [
    2,
    optional(
      embedded(
        message('UploadRows', {
          promiseId: [1, fixedBytes(32)],
          rows: [2, repeated(embedded(RowProof), MAX_REQUEST_ROW_BYTES / 64)],
        }),
      ),
    ),
  ],
  sign: [3, optional(fixedBytes(32))],
});
export type UploadRequest = Infer<typeof UploadRequest>;

export const UploadAnswer = message('UploadAnswer', {
  /** How many rows of this promise the member still wants. */
  missing: [1, uint32()],
  /** Answer to `sign`: the member's signature over the certificate (PROTOCOL §3). */
  signature: [2, optional(fixedBytes(64))],
  /**
   * Answer to `open`: bit i (least significant first) says that the i-th of the member's rows, ascending by index, is on its disk already.
   * A hint that saves bytes: whoever resumes an upload leaves those out.
   */
  held: [3, optional(bytes(MAX_HELD_BYTES))],
});
export type UploadAnswer = Infer<typeof UploadAnswer>;

// ── faucet ─────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Asks for a gift to an account. Only nodes of development chains serve this. */
export const FaucetRequest = message('FaucetRequest', { address: [1, fixedBytes(20)] });
export type FaucetRequest = Infer<typeof FaucetRequest>;

/** A hint: the account in state is what counts. */
export const FaucetAnswer = message('FaucetAnswer', {
  amount: [1, uint128()],
  /** Height of the block that holds the transfer. */
  height: [2, uint53()],
});
export type FaucetAnswer = Infer<typeof FaucetAnswer>;

// ── transactions ───────────────────────────────────────────────────────────────────────────────────────────────────
export const TxRequest = message('TxRequest', {
  submit: [1, optional(bytes(MAX_TX_BYTES))],
  /** Asks what became of a transaction id. */
  result: [2, optional(fixedBytes(32))],
  /** Keep the request open until the transaction is in a block. */
  wait: [3, bool()],
});
export type TxRequest = Infer<typeof TxRequest>;

/** A hint, as every answer that carries no proof. `code` 0 is success, else the code of the state machine. */
export const TxAnswer = message('TxAnswer', {
  txId: [1, fixedBytes(32)],
  /** 0 while the transaction waits. */
  height: [2, uint53()],
  code: [3, uint32()],
  log: [4, string(1_024)],
});
export type TxAnswer = Infer<typeof TxAnswer>;

// ── proofs of transactions ─────────────────────────────────────────────────────────────────────────────────────────
export const TxProofRequest = message('TxProofRequest', { txId: [1, fixedBytes(32)] });
export type TxProofRequest = Infer<typeof TxProofRequest>;

/** That a block holds a transaction, and what came of it: leaf `index` of `total` of two trees (RFC 6962). */
export const TxProofAnswer = message('TxProofAnswer', {
  /** Of the block: its header's data_hash is the root of the transactions' hashes, the next header's last_results_hash that of the results. */
  height: [1, uint53()],
  /** Its bytes. */
  tx: [2, bytes(MAX_TX_BYTES)],
  index: [3, uint53()],
  total: [4, uint53()],
  txPath: [5, repeated(fixedBytes(32), MAX_MERKLE_PATH)],
  result: [6, embedded(DeterministicTxResult)],
  resultPath: [7, repeated(fixedBytes(32), MAX_MERKLE_PATH)],
});
export type TxProofAnswer = Infer<typeof TxProofAnswer>;
