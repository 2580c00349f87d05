import { assignRows, blobGeometry, certificateTerms, memberIndex, packBlob, promiseSignBytes } from '@perigee/light-core/da';
import type { Ed25519Signer } from '@perigee/light-core/tx';
import { openRow } from '@perigee/wasm-codec';
import {
  type BlobPromise,
  blobIdOf,
  type Certificate,
  ed25519Address,
  type PromiseBody,
  type RowProof,
  utf8,
} from '@perigee/wire';
import type { CommittedRows } from '../src/codec/codec-jobs.ts';
import type { CodecPool } from '../src/codec/codec-pool.ts';
import type { Ledger } from './ledger.ts';

/** Who has to do with a blob. */
export interface Parties {
  readonly pool: CodecPool;
  readonly ledger: Ledger;
  readonly publisher: Ed25519Signer;
  readonly member: Ed25519Signer;
}

/** A blob at 4×, its promise, and the member's rows. */
export interface Prepared {
  readonly blob: CommittedRows;
  readonly promise: BlobPromise;
  readonly rows: RowProof[];
  readonly certificate: Certificate;
}

export async function prepareBlob(parties: Parties, data: Uint8Array, changes: Partial<PromiseBody> = {}): Promise<Prepared> {
  const geometry = blobGeometry(data.length, 4);
  const blob = await parties.pool.run('extendAndCommit', { ...geometry, original: packBlob(data, geometry) });
  return prepareRows(parties, blob, data.length, changes);
}

export async function prepareRows(
  { ledger, publisher, member }: Parties,
  blob: CommittedRows,
  length: number,
  changes: Partial<PromiseBody> = {},
): Promise<Prepared> {
  const body: PromiseBody = {
    blobId: blobIdOf(blob.commitment),
    ...blobGeometry(length, 4),
    length,
    namespace: utf8('test'),
    quorum: 0,
    persist: false,
    expiryHeight: 500,
    publisher: ed25519Address(publisher.publicKey),
    publicKey: publisher.publicKey,
    maxFee: 0n,
    nonce: 1,
    genesisHash: ledger.genesisHash,
    epoch: 0,
    ...changes,
  };
  const promise = { body, signature: await publisher.sign(promiseSignBytes(body)) };
  const { committee } = ledger;
  const assignment = assignRows(committee, blob.commitment, blob);
  const place = memberIndex(committee, ed25519Address(member.publicKey));
  const rows = [...assignment.rowsOf(place)].map((index) => proofOf(blob, index));
  const certificate = { ...certificateTerms(body, blob.rowRoot, committee), signers: new Uint8Array(1), signatures: [] };
  return { blob, promise, rows, certificate };
}

export function proofOf({ k, rowSize, original, parity, tree }: CommittedRows, index: number): RowProof {
  const [rows, place] = index < k ? [original, index] : [parity, index - k];
  return { index, row: rows.slice(place * rowSize, (place + 1) * rowSize), path: openRow(tree, index) };
}
