/** What the block database holds (format 2; format 1 had no records by hash, and is given them). Numbers of fields are final; a change of meaning is a new format. */
import {
  BlockId,
  Commit,
  concat,
  Header,
  MAX_VALIDATORS,
  message,
  proto,
  Timestamp,
  u64be,
  utf8,
  ValidatorSet,
} from '@perigee/wire';

const { bytes, embedded, fixedBytes, int53, repeated, string, uint32, uint53 } = proto;

/** Blobs that are remembered as the last ones. */
export const RECENT_BLOBS = 16;
const MAX_RESULTS = 65_536;

/** A block as light clients take it: the commit is the one that this engine signed, whole at once. */
export const HeaderRecord = message('StoredHeader', {
  header: [1, embedded(Header)],
  commit: [2, embedded(Commit)],
  validators: [3, embedded(ValidatorSet)],
});

export const ResultRecord = message('StoredResult', {
  txId: [1, fixedBytes(32)],
  code: [2, uint32()],
  data: [3, bytes(65_536)],
  log: [4, string(1_024)],
  gasWanted: [5, int53()],
  gasUsed: [6, int53()],
});

export const ResultsRecord = message('StoredResults', { results: [1, repeated(embedded(ResultRecord), MAX_RESULTS)] });

/** Where a transaction is. */
export const TxRecord = message('StoredTx', { height: [1, uint53()], index: [2, uint32()] });

/** What the next block is made from. */
export const HeadRecord = message('Head', {
  genesisHash: [1, fixedBytes(32)],
  height: [2, uint53()],
  blockId: [3, embedded(BlockId)],
  time: [4, embedded(Timestamp)],
  /** Root of the state after the block. */
  appHash: [5, bytes(64)],
  lastResultsHash: [6, fixedBytes(32)],
  /** Of the block, of the next and of the one after. */
  validatorSets: [7, repeated(embedded(ValidatorSet, MAX_VALIDATORS * 256), 3)],
  recentBlobs: [8, repeated(fixedBytes(33), RECENT_BLOBS)],
});

export const HEAD_KEY = utf8('s');

export function headerRecordKey(height: number): Uint8Array {
  return concat(utf8('h'), u64be(height));
}

export function blockRecordKey(height: number): Uint8Array {
  return concat(utf8('b'), u64be(height));
}

export function resultsRecordKey(height: number): Uint8Array {
  return concat(utf8('r'), u64be(height));
}

/** Height of the block with a header hash: u64be. */
export function hashRecordKey(headerHash: Uint8Array): Uint8Array {
  return concat(utf8('k'), headerHash);
}

/** `TxRecord` by the hash that Ethereum's clients know the transaction by. */
export function ethereumRecordKey(ethereumHash: Uint8Array): Uint8Array {
  return concat(utf8('e'), ethereumHash);
}

export function txRecordKey(txId: Uint8Array): Uint8Array {
  return concat(utf8('t'), txId);
}
