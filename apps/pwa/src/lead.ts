/** The one sentence that says where things stand, out of a snapshot. */
import type { BlobView, HeadView, LightNodeState } from '@perigee/sampler';
import { count, time } from './format.ts';
import { lead as words } from './strings/index.ts';

export type Tone = 'calm' | 'good' | 'warn' | 'bad';

export interface Lead {
  readonly tone: Tone;
  readonly title: string;
  readonly detail: string;
  /** Changes only when the stage does, so that a screen reader is not told of every row. */
  readonly announce: string;
  /** Work is going on: its share from 0 to 1, or `unknown`; `undefined` when nothing is awaited. */
  readonly progress: number | 'unknown' | undefined;
}

export interface LeadInput {
  readonly state: LightNodeState | undefined;
  readonly blob: BlobView | undefined;
  readonly failed: boolean;
  readonly paused: boolean;
  readonly nowMs: number;
}

export function leadOf({ state, blob, failed, paused, nowMs }: LeadInput): Lead {
  if (failed || state?.phase === 'failed') return still('bad', words.failed);
  if (paused || state?.phase === 'stopped') return still('calm', words.paused);
  if (state === undefined) return busy(words.loading);
  const { head, peers } = state;
  if (peers.length > 0 && peers.every((peer) => peer.banned !== undefined)) return still('bad', words.refused);
  if (head === undefined) {
    const lost = peers.length > 0 && peers.every((peer) => !peer.connected && peer.error !== undefined);
    if (lost) return { ...busy(words.unreachable), tone: 'warn' };
    return busy(state.phase === 'verifying' || state.phase === 'live' ? words.verifying : words[state.phase]);
  }
  if (!peers.some((peer) => peer.connected)) return alone(head, nowMs);
  return ofBlob(blob, head);
}

/** The blob that is shown: the chosen one while it is still listed, else the newest. */
export function shownBlob(state: LightNodeState | undefined, chosen: string | undefined): BlobView | undefined {
  return state?.blobs.find((blob) => blob.blobId === chosen) ?? state?.blobs[0];
}

function ofBlob(blob: BlobView | undefined, head: HeadView): Lead {
  const height = count(head.height);
  const isBadlyCoded = blob?.rows.some((row) => row.verdict === 'invalid/encoding') || blob?.error?.code === 'ROW_ROOT_MISMATCH';
  if (isBadlyCoded) return still('bad', words.badEncoding);
  if (blob === undefined || (blob.phase === 'failed' && blob.rows.length === 0)) {
    return { ...still('good', words.noBlob(height)), announce: words.blockVerified };
  }
  if (blob.record === undefined || blob.rows.length === 0) {
    return { ...busy(words.proving(height)), announce: words.blockVerified };
  }
  const drawn = count(blob.rows.length);
  const verified = count(blob.verified);
  if (blob.rows.some((row) => row.verdict === 'asked') && blob.phase !== 'failed') {
    return {
      ...busy(words.sampling(verified, drawn)),
      announce: words.samplingBegan,
      progress: blob.verified / blob.rows.length,
    };
  }
  if (blob.verified < blob.rows.length) return still('warn', words.missing(verified, drawn));
  return still('good', words.sampled(drawn, count(blob.provedAt ?? head.height)));
}

function alone(head: HeadView, nowMs: number): Lead {
  const { title, detail } = words.alone(time(head.verifiedAtMs, nowMs));
  return { tone: 'warn', title, detail, announce: title, progress: 'unknown' };
}

function still(tone: Tone, { title, detail }: { title: string; detail: string }): Lead {
  return { tone, title, detail, announce: title, progress: undefined };
}

function busy({ title, detail }: { title: string; detail: string }): Lead {
  return { tone: 'calm', title, detail, announce: title, progress: 'unknown' };
}
