import type { BlobView, LightNode, RowView } from '@perigee/sampler';
import { MAX_SITE_ROWS, PerigeeError } from '@perigee/wire';

/** What a site is told of a blob: what sampling came to, and on what that rests. */
export interface BlobState {
  readonly blobId: string;
  /** `absent`: the chain proves at a current head that it has no such blob; `pending`: not known in the time given. */
  readonly state: 'available' | 'unavailable' | 'inconclusive' | 'badEncoding' | 'expired' | 'absent' | 'pending';
  /** Verified header that proves the record or its absence, and its time, milliseconds since 1970. */
  readonly head: { readonly height: number; readonly timeMs: number } | undefined;
  readonly record: { readonly height: number; readonly expiryHeight: number; readonly length: number } | undefined;
  /** Distinct rows drawn, and how many of them came and were verified here. */
  readonly drawn: number;
  readonly verified: number;
  /** 2^-bits is how likely so many rows would come of a blob that cannot be had; 0 without samples. */
  readonly availabilityBits: number;
  readonly unavailabilityBits: number;
  readonly encodingBits: number;
}

export interface SampledRow {
  readonly index: number;
  readonly verdict: string;
  readonly transport: string | undefined;
  readonly answerMs: number | undefined;
}

const NOTHING = { record: undefined, drawn: 0, verified: 0, availabilityBits: 0, unavailabilityBits: 0, encodingBits: 0 };

/** Samples a blob. What it came to is an answer; only that nothing can be said is an error. @throws what the light node throws */
export async function sampleBlob(
  node: LightNode,
  blobId: string,
  budget: 'full' | 'light',
  signal: AbortSignal,
): Promise<BlobState & { readonly rows: readonly SampledRow[] }> {
  try {
    const view = await node.sample(blobId, { signal, budget });
    return { ...stateOf(node, view), rows: view.rows.slice(0, MAX_SITE_ROWS).map(rowOf) };
  } catch (thrown) {
    const { code } = PerigeeError.from(thrown);
    const known = node.state.blobs.find((view) => view.blobId === blobId);
    const rows = known?.rows.slice(0, MAX_SITE_ROWS).map(rowOf) ?? [];
    const as = (state: BlobState['state']) => ({ ...(known ? stateOf(node, known) : nothing(node, blobId)), state, rows });
    if (code === 'NOT_FOUND') return as('absent');
    if (code === 'BLOB_EXPIRED') return as('expired');
    if (code === 'ROW_ROOT_MISMATCH') return as('badEncoding');
    if (code === 'TIMEOUT' && signal.aborted) return as('pending');
    throw thrown;
  }
}

/** What is known of a blob by its latest sample of this visit, if that has ended. */
export function knownState(node: LightNode, blobId: string): BlobState | undefined {
  const view = node.state.blobs.find((one) => one.blobId === blobId);
  return view?.outcome === undefined || view.earlier ? undefined : stateOf(node, view);
}

function nothing(node: LightNode, blobId: string): BlobState {
  return { blobId, state: 'pending', head: headOf(node), ...NOTHING };
}

function stateOf(node: LightNode, { blobId, outcome, record, rows, verified, confidence }: BlobView): BlobState {
  return {
    blobId,
    state: outcome ?? 'pending',
    head: headOf(node),
    record: record && { height: record.height, expiryHeight: record.expiryHeight, length: record.length },
    drawn: rows.length,
    verified,
    availabilityBits: confidence?.availabilityBits ?? 0,
    unavailabilityBits: confidence?.unavailabilityBits ?? 0,
    encodingBits: confidence?.encodingBits ?? 0,
  };
}

function headOf({ state: { head } }: LightNode): BlobState['head'] {
  return head && { height: head.height, timeMs: head.timeMs };
}

function rowOf({ index, verdict, transport, answerMs }: RowView): SampledRow {
  return { index, verdict, transport, answerMs };
}
