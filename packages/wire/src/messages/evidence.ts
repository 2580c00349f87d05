/**
 * Evidence against a blob and its signers that anyone can judge without a network (PROTOCOL §4). A file holds the bytes of `EVIDENCE_MAGIC`,
 * SHA-256 of what follows, then canonical `Evidence`.
 */
import { MAX_EVIDENCE_HEADERS } from '../limits.ts';
import { embedded, fixedBytes, type Infer, message, optional, repeated, string, uint32, uint53 } from '../proto/index.ts';
import { RowProof } from './da.ts';
import { Committee } from './genesis.ts';
import { StateProof } from './proof.ts';
import { HeaderAnswer, Prime } from './protocols.ts';

/** First bytes of an evidence file: "PGEV". */
export const EVIDENCE_MAGIC = Uint8Array.of(0x50, 0x47, 0x45, 0x56);
export const EVIDENCE_VERSION = 0;

export const Evidence = message('Evidence', {
  version: [1, uint32()],
  chainId: [2, string(50)],
  genesisHash: [3, fixedBytes(32)],
  /**
   * From the header of the trust root to the one whose state proves the record, each verified by the one before. Signatures that are wrong or for no
   * block are absent, proposer and priorities left out: nothing would cover them.
   */
  headers: [4, repeated(embedded(HeaderAnswer), MAX_EVIDENCE_HEADERS)],
  blobId: [5, fixedBytes(33)],
  /** Of the record, under the last header. */
  record: [6, embedded(StateProof)],
  /** Whose hash the record holds. */
  committee: [7, embedded(Committee)],
  /** A pair that hashes to the commitment. With another row root than the record's it is the evidence by itself. */
  prime: [8, embedded(Prime)],
  /** A row whose path holds and whose linear combination does not. */
  row: [9, optional(embedded(RowProof))],
  /** When it was found, milliseconds since 1970; what the finder says. */
  foundAt: [10, uint53()],
});
export type Evidence = Infer<typeof Evidence>;

/** First bytes of a file that holds a `HeaderConflict`: "PGHC". */
export const HEADER_CONFLICT_MAGIC = Uint8Array.of(0x50, 0x47, 0x48, 0x43);

/**
 * Two headers of one height, each signed as an earlier one asks: more than a third of the voting power has signed both (CometBFT light client
 * attack). A file holds the bytes of `HEADER_CONFLICT_MAGIC`, then canonical `HeaderConflict`.
 */
export const HeaderConflict = message('HeaderConflict', {
  version: [1, uint32()],
  chainId: [2, string(50)],
  /** Verified before, and both follow from it. */
  common: [3, embedded(HeaderAnswer)],
  first: [4, embedded(HeaderAnswer)],
  second: [5, embedded(HeaderAnswer)],
  /** When it was found, milliseconds since 1970; what the finder says. */
  foundAt: [6, uint53()],
});
export type HeaderConflict = Infer<typeof HeaderConflict>;
