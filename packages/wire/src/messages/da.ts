/** Promises, certificates, records and rows (PROTOCOL §1 to §4). What is signed is not these bytes but the fixed layout of PROTOCOL §3. */
import {
  MAX_ADDRESS_BYTES,
  MAX_BLOBS_PER_HEIGHT,
  MAX_COMMITTEE_MEMBERS,
  MAX_NAMESPACE_BYTES,
  MAX_PATH_LENGTH,
  MAX_PEER_ADDRESSES,
  MAX_ROW_BYTES,
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

const MAX_SIGNERS_BYTES = Math.ceil(MAX_COMMITTEE_MEMBERS / 8);
/** Basis points, 0 to 10,000. */
const BASIS_POINTS = 10_000;

const blob = {
  /** `00 ‖ commitment`. */
  blobId: [1, fixedBytes(33)],
  k: [2, uint32(4_096)],
  n: [3, uint32(32_768)],
  rowSize: [4, uint32(MAX_ROW_BYTES)],
  /** Bytes of data. */
  length: [5, uint32(0x7fffffff)],
  namespace: [6, bytes(MAX_NAMESPACE_BYTES)],
  /** Signed stake must exceed this share, in basis points, if that is more than the floor of PROTOCOL §3; 0 asks for the floor. */
  quorum: [7, uint32(BASIS_POINTS)],
  persist: [8, bool()],
  /** Rows are served up to this height. */
  expiryHeight: [9, uint53()],
} as const;

/**
 * What a publisher signs before it uploads. promiseId = SHA-256 of the canonical bytes of `PromiseBody`.
 */
export const PromiseBody = message('PromiseBody', {
  ...blob,
  publisher: [10, fixedBytes(20)],
  publicKey: [11, fixedBytes(32)],
  maxFee: [12, uint128()],
  /** Chosen by the publisher so that two promises differ. */
  nonce: [13, uint53()],
  genesisHash: [14, fixedBytes(32)],
  /** Epoch whose committee is asked. */
  epoch: [15, uint53()],
});
export type PromiseBody = Infer<typeof PromiseBody>;

/** `signature` is ed25519 over `'perigee/da/promise/v0' ‖ canonical PromiseBody`. */
export const BlobPromise = message('BlobPromise', { body: [1, embedded(PromiseBody)], signature: [2, fixedBytes(64)] });
export type BlobPromise = Infer<typeof BlobPromise>;

/** Signatures follow the order of the committee; bit i of `signers` (least significant bit first) says that member i signed. */
export const Certificate = message('Certificate', {
  ...blob,
  rowRoot: [10, fixedBytes(32)],
  publisher: [11, fixedBytes(20)],
  promiseId: [12, fixedBytes(32)],
  epoch: [13, uint53()],
  committeeHash: [14, fixedBytes(32)],
  signers: [15, bytes(MAX_SIGNERS_BYTES)],
  signatures: [16, repeated(fixedBytes(64), MAX_COMMITTEE_MEMBERS)],
});
export type Certificate = Infer<typeof Certificate>;

/** What the chain keeps of a blob, under `blob/<blobId>` of store `da`. */
export const BlobRecord = message('BlobRecord', {
  ...blob,
  rowRoot: [10, fixedBytes(32)],
  publisher: [11, fixedBytes(20)],
  promiseId: [12, fixedBytes(32)],
  epoch: [13, uint53()],
  committeeHash: [14, fixedBytes(32)],
  signers: [15, bytes(MAX_SIGNERS_BYTES)],
  /** Height of the block that holds the certificate. */
  height: [16, uint53()],
  /** Number of the submission that the blob is stored as, once its publisher has handed it over: its file outlives the rows. */
  storedAs: [17, optional(uint53())],
});
export type BlobRecord = Infer<typeof BlobRecord>;

/**
 * Ids of the blobs that one block recorded: under `list/` of store `da`, for each namespace and, with an empty one, for all together. The proof
 * of one list is the proof that it is complete: whoever follows `previous` from `last/` down has missed nothing.
 */
export const BlobList = message('BlobList', {
  /** Height of the list before, of the same namespace; 0 when there is none. */
  previous: [1, uint53()],
  /** In the order of the block; ids are distinct. */
  blobIds: [2, repeated(fixedBytes(33), MAX_BLOBS_PER_HEIGHT)],
});
export type BlobList = Infer<typeof BlobList>;

/** Under `last/` of store `da`: height of the latest list of a namespace. */
export const LastBlobList = message('LastBlobList', { height: [1, uint53()] });
export type LastBlobList = Infer<typeof LastBlobList>;

/** A row and its path: siblings from the leaf up, 32 bytes each, one after another. */
export const RowProof = message('RowProof', {
  index: [1, uint32(65_535)],
  row: [2, bytesView(MAX_ROW_BYTES)],
  path: [3, bytesView(32 * MAX_PATH_LENGTH)],
});
export type RowProof = Infer<typeof RowProof>;

/**
 * Where a committee member can be reached: signed with its committee key over `'perigee/da/peer/v0' ‖ canonical PeerRecordBody`.
 * Multiaddrs as text, with certhash and without peer id.
 */
export const PeerRecordBody = message('PeerRecordBody', {
  genesisHash: [1, fixedBytes(32)],
  epoch: [2, uint53()],
  address: [3, fixedBytes(20)],
  peerId: [4, string(128)],
  multiaddrs: [5, repeated(string(MAX_ADDRESS_BYTES), MAX_PEER_ADDRESSES)],
  sequence: [6, uint53()],
  /** Milliseconds since 1970 after which the record is void. */
  expiry: [7, uint53()],
});
export type PeerRecordBody = Infer<typeof PeerRecordBody>;

export const PeerRecord = message('PeerRecord', { body: [1, embedded(PeerRecordBody)], signature: [2, fixedBytes(64)] });
export type PeerRecord = Infer<typeof PeerRecord>;
