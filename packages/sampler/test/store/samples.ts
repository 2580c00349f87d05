/** What stores are filled with in tests. */
import type { RowProof } from '@perigee/wire';
import type { BlobView, EvidenceView } from '../../src/state.ts';

export const BLOB = `00${'ab'.repeat(32)}`;

export function row(index: number): RowProof {
  return { index, row: new Uint8Array(8192).fill(index), path: new Uint8Array(32 * 14).fill(index + 1) };
}

export function evidenceOf(id: string): EvidenceView {
  return { id, blobId: BLOB, foundAtMs: 1_700_000_000_000, bytes: 12 };
}

export function verdict(blobId: string, outcomeAtMs: number): BlobView {
  return {
    blobId,
    phase: 'done',
    error: undefined,
    record: undefined,
    provedAt: 12,
    rows: [{ index: 1, verdict: 'verified', peerId: 'x', transport: 'tcp', fromPage: false, answerMs: 1, verifyUs: 2, bytes: 3 }],
    verified: 20,
    operators: 4,
    confidence: undefined,
    outcome: 'available',
    outcomeAtMs,
    stored: false,
    earlier: false,
    evidenceId: undefined,
  };
}
