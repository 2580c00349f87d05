import { type CanonicalCommittee, readSigners } from '@perigee/light-core/da';
import { type BlobRecord, type PerigeeError, toHex } from '@perigee/wire';
import type { BlobView, Outcome } from '../state.ts';
import type { BlobSampler, Budget } from './blob-sampler.ts';

/** One blob from the first word about it to its last verdict. */
export interface WatchedBlob {
  readonly key: string;
  phase: BlobView['phase'];
  error: PerigeeError | undefined;
  readonly record: BlobRecord;
  committee: CanonicalCommittee | undefined;
  provedAt: number | undefined;
  sampler: BlobSampler | undefined;
  /** The most that anybody wants who waits for the sample. */
  budget: Budget;
  /** Different committee keys that answered. */
  readonly operators: Set<string>;
  outcome: Outcome | undefined;
  /** Milliseconds since 1970. */
  outcomeAtMs: number | undefined;
  evidenceId: string | undefined;
  /** Rows that were told of as events. */
  toldRows: number;
}

export function newWatched(record: BlobRecord, provedAt: number, budget: Budget): WatchedBlob {
  return {
    key: toHex(record.blobId),
    phase: 'proving',
    error: undefined,
    record,
    committee: undefined,
    provedAt,
    sampler: undefined,
    budget,
    operators: new Set(),
    outcome: undefined,
    outcomeAtMs: undefined,
    evidenceId: undefined,
    toldRows: 0,
  };
}

export function viewOf(watched: WatchedBlob): BlobView {
  const { key, phase, error, record, committee, provedAt, sampler, operators, outcome, outcomeAtMs, evidenceId } = watched;
  const confidence = sampler?.confidence;
  return {
    blobId: key,
    phase,
    error: error?.toObject(),
    record: committee === undefined ? undefined : recordView(record, committee),
    provedAt,
    rows: sampler?.rows() ?? [],
    verified: confidence?.verified ?? 0,
    operators: operators.size,
    confidence,
    stored: record.storedAs !== undefined,
    outcome,
    outcomeAtMs,
    earlier: false,
    evidenceId,
  };
}

function recordView(record: BlobRecord, { members, totalStake }: CanonicalCommittee): NonNullable<BlobView['record']> {
  const signers = readSigners(record.signers, members.length);
  const signed = signers.reduce((sum, place) => sum + (members[place]?.stake ?? 0n), 0n);
  const { height, expiryHeight, length, k, n, rowSize, quorum, persist, epoch } = record;
  return {
    height,
    expiryHeight,
    length,
    k,
    n,
    rowSize,
    redundancy: (k + n) / k,
    namespace: toHex(record.namespace),
    quorum,
    persist,
    publisher: toHex(record.publisher),
    epoch,
    signers: signers.length,
    members: members.length,
    // six digits are more than a page shows; the division itself is exact
    signedStake: Number((signed * 1_000_000n) / totalStake) / 1_000_000,
  };
}
