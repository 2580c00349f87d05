/** The one sentence that says where things stand, out of a snapshot. */
import type { BlobView, HeadView, LightNodeState } from '@perigee/sampler';
import { CURRENT_WITHIN_MS, type ErrorObject } from '@perigee/wire';
import { age, count, oneIn, time } from './format.ts';
import type { Opening } from './model/index.ts';
import type { Circumstance } from './settings/thrift.ts';
import { adviceFor, circumstance, outcome as outcomeWords, refused, WRONG_TEXT, lead as words } from './strings/index.ts';

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
  readonly opening: Opening | undefined;
  /** What was wrong with the link or text that was to be opened last. */
  readonly refusal: ErrorObject | undefined;
  readonly failed: boolean;
  readonly paused: boolean;
  /** The page rests by itself. */
  readonly resting: Circumstance | undefined;
  /** Whether the browser says that it has no network. */
  readonly offline: boolean;
  readonly nowMs: number;
}

export function leadOf({ state, blob, opening, refusal, failed, paused, resting, offline, nowMs }: LeadInput): Lead {
  if (failed || state?.phase === 'failed') return still('bad', words.failed);
  if (resting !== undefined && !paused) return still('calm', words.resting(circumstance[resting]));
  if (paused || state?.phase === 'stopped') return still('calm', words.paused);
  if (state === undefined) return refusal === undefined ? busy(words.loading) : ofRefusal(refusal);
  const { head, peers, clock } = state;
  if (peers.length > 0 && peers.every((peer) => peer.banned !== undefined)) return still('bad', words.refused);
  if (clock.state === 'behind' || clock.state === 'ahead') {
    return still('warn', words.clock(age(clock.offsetMs), clock.state));
  }
  if (head === undefined) {
    if (offline) return { ...busy(words.noNetwork), tone: 'warn' };
    const lost = peers.length > 0 && peers.every((peer) => !peer.connected && peer.error !== undefined);
    if (lost) return { ...busy(words.unreachable), tone: 'warn' };
    if (refusal !== undefined) return ofRefusal(refusal);
    return busy(state.phase === 'verifying' || state.phase === 'live' ? words.verifying : words[state.phase]);
  }
  if (!peers.some((peer) => peer.connected)) return alone(head, offline, nowMs);
  if (nowMs - head.timeMs > CURRENT_WITHIN_MS) {
    return { ...still('warn', words.eclipse(count(head.height), time(head.timeMs, nowMs))), progress: 'unknown' };
  }
  if (refusal !== undefined && !isDecided(blob, opening)) return ofRefusal(refusal);
  if (blob === undefined && opening?.status === 'asked') return busy(words.opening);
  return ofBlob(blob, head, nowMs);
}

/** The blob that was opened is one of which more is known than that it was refused: it has expired, or is wrongly coded. */
function isDecided(blob: BlobView | undefined, opening: Opening | undefined): boolean {
  return blob?.outcome !== undefined && blob.blobId === opening?.blobId;
}

function ofRefusal({ code, message }: ErrorObject): Lead {
  const { title, next } = adviceFor(code);
  return still('warn', WRONG_TEXT.has(code) ? words.wrongLink(refused(code, message)) : { title, detail: next });
}

/** The blob that is shown: the chosen one while it is still listed, else the newest. In place of one that is not opened yet, or cannot be, none. */
export function shownBlob(
  state: LightNodeState | undefined,
  chosen: string | undefined,
  opening?: Opening,
): BlobView | undefined {
  const found = state?.blobs.find((blob) => blob.blobId === chosen);
  if (found !== undefined || (opening !== undefined && opening.status !== 'opened')) return found;
  return state?.blobs[0];
}

function ofBlob(blob: BlobView | undefined, head: HeadView, nowMs: number): Lead {
  const height = count(head.height);
  if (blob !== undefined && blob.outcome !== undefined && blob.earlier) {
    return still('calm', words.earlier(outcomeWords[blob.outcome].name, time(blob.outcomeAtMs ?? 0, nowMs)));
  }
  if (blob?.outcome === 'badEncoding' || blob?.rows.some((row) => row.verdict === 'invalid/encoding')) {
    return still('bad', words.badEncoding);
  }
  if (blob?.outcome === 'expired') return still('calm', words.expired);
  if (blob === undefined || (blob.phase === 'failed' && blob.rows.length === 0)) {
    return { ...still('good', words.noBlob(height)), announce: words.blockVerified };
  }
  if (blob.record === undefined || blob.rows.length === 0) {
    return { ...busy(words.proving(height)), announce: words.blockVerified };
  }
  const drawn = count(blob.rows.length);
  const verified = count(blob.verified);
  switch (blob.outcome) {
    case 'available':
      return still('good', words.available(verified, drawn, oneIn(blob.confidence?.availabilityBits ?? 0)));
    case 'unavailable':
      return still('bad', words.unavailable(verified, drawn));
    case 'inconclusive':
      return still('warn', words.inconclusive(verified, drawn));
  }
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

function alone(head: HeadView, offline: boolean, nowMs: number): Lead {
  const { title, detail } = (offline ? words.offline : words.alone)(time(head.verifiedAtMs, nowMs));
  return { tone: 'warn', title, detail, announce: title, progress: 'unknown' };
}

function still(tone: Tone, { title, detail }: { title: string; detail: string }): Lead {
  return { tone, title, detail, announce: title, progress: undefined };
}

function busy({ title, detail }: { title: string; detail: string }): Lead {
  return { tone: 'calm', title, detail, announce: title, progress: 'unknown' };
}
