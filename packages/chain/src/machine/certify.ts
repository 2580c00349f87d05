import { blobFee, recordOf } from '@perigee/light-core/da';
import { blobKey, STORE } from '@perigee/light-core/state';
import { BlobRecord, type Certificate, equal, PerigeeError, toHex } from '@perigee/wire';
import type { Event } from '../application/index.ts';
import type { Genesis } from '../genesis/index.ts';
import type { StateReader, StateView } from '../state/index.ts';
import { committeeFor } from './epoch.ts';

/** Event of a recorded blob; attribute `id` is its id in hexadecimal. */
export const BLOB_EVENT = 'blob';

/** A recorded certificate. */
export interface Certified {
  readonly event: Event;
  /** What is to be paid for it: from here on for a new blob, from its present expiry on for one that is extended. */
  readonly fee: bigint;
}

/**
 * Record the blob of a certificate whose quorum and signatures hold (PROTOCOL §3).
 *
 * @throws CERTIFICATE when epoch or expiry do not fit the height, BLOB_GEOMETRY when the blob is recorded with another geometry
 */
export function certify(view: StateView, genesis: Genesis, certificate: Certificate, height: number): Certified {
  committeeFor(view, genesis, certificate.epoch, height);
  checkExpiry(certificate, genesis, height);
  const before = checkRecorded(view, certificate);
  const paidUntil = Math.max(height, before?.expiryHeight ?? 0);
  const stored = before?.storedAs === undefined ? {} : { storedAs: before.storedAs };
  view.set(STORE.da, blobKey(certificate.blobId), BlobRecord.encode({ ...recordOf(certificate, height), ...stored }));
  return {
    event: { type: BLOB_EVENT, attributes: [{ key: 'id', value: toHex(certificate.blobId), index: true }] },
    fee: blobFee(certificate, genesis.appState, paidUntil, certificate.expiryHeight),
  };
}

function checkExpiry({ expiryHeight }: Certificate, { appState }: Genesis, height: number): void {
  const last = height + appState.maxRetentionBlocks;
  if (expiryHeight <= height || expiryHeight > last) {
    throw new PerigeeError('CERTIFICATE', `blob expires at height ${expiryHeight}, not between ${height + 1} and ${last}`);
  }
}

/** @returns the record that the new one takes the place of */
function checkRecorded(state: StateReader, certificate: Certificate): BlobRecord | undefined {
  const raw = state.get(STORE.da, blobKey(certificate.blobId));
  if (raw === undefined) return undefined;
  const record = BlobRecord.decode(raw);
  const { k, n, rowSize, length, rowRoot } = record;
  const same =
    k === certificate.k &&
    n === certificate.n &&
    rowSize === certificate.rowSize &&
    length === certificate.length &&
    equal(rowRoot, certificate.rowRoot);
  if (!same)
    throw new PerigeeError('BLOB_GEOMETRY', `blob ${toHex(certificate.blobId)} is recorded with another geometry or row root`);
  if (certificate.expiryHeight <= record.expiryHeight) {
    throw new PerigeeError(
      'CERTIFICATE',
      `blob ${toHex(certificate.blobId)} is recorded until height ${record.expiryHeight}; a new certificate must extend that`,
    );
  }
  return record;
}
