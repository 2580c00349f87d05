import type { RowProof } from '@perigee/wire';
import type { BlobView, EvidenceView, StorageView } from '../state.ts';

/** The last header that a verify worker trusted. */
export interface KeptHeader {
  readonly height: number;
  /** Encoded `HeaderAnswer`. */
  readonly answer: Uint8Array;
}

/**
 * What a light node keeps on this device for a later visit, apart for each genesis hash. Only what was verified goes in. What comes out is what
 * went in, or nothing: damaged entries are dropped. No method fails because of the device: what could not be kept is told by the result
 * and by `view`.
 */
export interface LightStore {
  readonly view: StorageView | undefined;
  /** What evidence there is, oldest first; that of earlier visits once it was looked through. */
  readonly evidenceViews: readonly EvidenceView[];
  header(): Promise<KeptHeader | undefined>;
  /** Takes the place of the one before. @returns whether it is on the device */
  keepHeader(header: KeptHeader): Promise<boolean>;
  /** The header that was kept must not be gone on from. */
  dropHeader(): Promise<boolean>;
  /** What sampling came to on earlier visits, newest first: without rows, and marked `earlier`. */
  verdicts(): Promise<readonly BlobView[]>;
  /** Takes the place of an earlier one of the same blob. @returns whether it is on the device */
  keepVerdict(verdict: BlobView): Promise<boolean>;
  /** Verified rows of a blob, in no order. @param blobId hexadecimal */
  rows(blobId: string): Promise<readonly RowProof[]>;
  /** @param rows verified under the blob's commitment; those that are kept already are left out. @returns whether all are on the device */
  keepRows(blobId: string, rows: readonly RowProof[]): Promise<boolean>;
  /** The file. @throws NOT_FOUND */
  evidence(id: string): Promise<Uint8Array>;
  /** @param view `id`: 1 to 80 lower-case letters, digits and dashes; one that is known keeps what it had. @returns whether it is on the device */
  keepEvidence(view: EvidenceView, file: Uint8Array): Promise<boolean>;
  /** A small value that another room keeps. @param name 1 to 80 lower-case letters, digits and dashes */
  value(name: string): Promise<Uint8Array | undefined>;
  /** Takes the place of the one before. @returns whether it is on the device */
  keepValue(name: string, bytes: Uint8Array): Promise<boolean>;
  /**
   * Makes a value out of the one that is there, in one step, whoever else does: other tabs too, also where this one is not the one that writes.
   *
   * @param change must be quick, and may be called more than once
   * @returns whether it is on the device; also `false` where `change` throws
   */
  changeValue(name: string, change: (value: Uint8Array | undefined) => Uint8Array): Promise<boolean>;
  /** Waits for what was begun, then gives the device back. */
  close(): Promise<void>;
}
