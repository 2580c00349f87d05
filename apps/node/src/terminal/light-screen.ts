import type { BlobView, BudgetsView, HeadView, LightNodeState, PeerView } from '@perigee/sampler';
import type { LightAuditsView } from '../audits/light-audits.ts';
import { sizeText } from '../sizes.ts';
import type { Line, Style } from './line.ts';

const LABEL = 10;
/** Lines that are there whatever is sampled and whoever is connected. */
const FIXED_LINES = 13;
const MAX_PEER_LINES = 8;
const BAR = 10;

const OUTCOMES: Readonly<Record<NonNullable<BlobView['outcome']>, readonly [words: string, style: Style]>> = {
  available: ['available', 'good'],
  unavailable: ['unavailable', 'bad'],
  inconclusive: ['inconclusive', 'warn'],
  badEncoding: ['bad encoding', 'bad'],
  expired: ['expired', 'dim'],
};
const CAPS: Readonly<Record<BudgetsView['throttledBy'][number], string>> = {
  cpuShare: 'processor time',
  bytesPerSecond: 'bytes a second',
  bytesPerDay: 'bytes a day',
};

export interface ScreenInput {
  readonly state: LightNodeState;
  /** What auditing came to; `undefined` where nothing is audited. */
  readonly audits: LightAuditsView | undefined;
  readonly startedAtMs: number;
  readonly nowMs: number;
  readonly rows: number;
  readonly home: string;
  /** What was warned of last. */
  readonly notice: string | undefined;
}

/** What `perigee light` shows on a terminal: the two confidences apart, as everywhere. */
export function lightScreen({ state, audits, startedAtMs, nowMs, rows, home, notice }: ScreenInput): Line[] {
  const { chain, head, blobs, peers, budgets, storage } = state;
  const connected = peers.filter((peer) => peer.connected);
  const auditLines = audits === undefined ? [] : [auditLine(audits)];
  const room = Math.max(2, rows - 1 - FIXED_LINES - auditLines.length);
  const shownPeers = connected.slice(0, Math.min(MAX_PEER_LINES, Math.max(1, Math.floor(room / 2))));
  const shownBlobs = blobs.filter(({ earlier }) => !earlier).slice(0, Math.max(1, room - shownPeers.length));
  return [
    [
      ['perigee light', 'bold'],
      [`  ${chain?.chainId ?? 'chain not known yet'}${chain?.development === true ? ' (development)' : ''}`],
      [`  up ${durationText(nowMs - startedAtMs)}`, 'dim'],
    ],
    [],
    headLine(state, head, nowMs),
    labelled('sampled', [
      [`${blobs.filter(({ outcome }) => outcome === 'available').length} of ${blobs.length} blobs available, `],
      [`${state.rowsVerified} rows verified`],
    ]),
    ...auditLines,
    [],
    [['blob          outcome       available             encoding   rows     keys', 'dim']],
    ...(shownBlobs.length === 0 ? [[['none yet', 'dim']] as Line] : shownBlobs.map(blobLine)),
    [],
    [
      [`peer          transport     answers in  rows    received  `, 'dim'],
      [`${connected.length} of ${peers.length} connected`, 'dim'],
    ],
    ...(shownPeers.length === 0 ? [[['none yet', 'dim']] as Line] : shownPeers.map(peerLine)),
    [],
    labelled('bytes', [
      [`in ${sizeText(state.bytesIn)}, out ${sizeText(state.bytesOut)}, ${sizeText(budgets.bytesPerSecond)}/s`],
      [`${capText(budgets.caps.bytesPerSecond, (cap) => `${sizeText(cap)}/s`)}, today ${sizeText(budgets.bytesToday)}`],
      [capText(budgets.caps.bytesPerDay, sizeText)],
    ]),
    labelled('processor', [[percent(budgets.cpuShare)], [capText(budgets.caps.cpuShare, percent)], [' of a core']]),
    labelled('kept', [
      [storage === undefined ? 'nothing' : `${sizeText(storage.usedBytes)} of ${sizeText(storage.budgetBytes)} in ${home}`],
    ]),
    budgets.throttledBy.length === 0
      ? notice === undefined
        ? []
        : [[notice, 'warn']]
      : [[`samples wait for ${budgets.throttledBy.map((name) => CAPS[name]).join(', ')}${untilText(budgets, nowMs)}`, 'warn']],
  ];
}

function headLine({ phase, freshness, error }: LightNodeState, head: HeadView | undefined, nowMs: number): Line {
  if (head === undefined) {
    return labelled('head', error === undefined ? [[`not verified yet (${phase})`, 'dim']] : [[error.message, 'bad']]);
  }
  const style = freshness === 'current' ? 'good' : freshness === 'stale' ? 'bad' : 'warn';
  const signed = head.signedPower === undefined ? '' : `, ${percent(head.signedPower)} signed`;
  return labelled('head', [
    [`${head.height} `, 'bold'],
    [`${head.headerHash.slice(0, 12)}… `],
    [`${freshness ?? ''}`, style],
    [`, ${durationText(nowMs - head.timeMs)} old, ${head.validators} validators${signed}`],
  ]);
}

function auditLine({ drawn, seen, waiting, outcomes, reported, deposits }: LightAuditsView): Line {
  const falseAnswers = outcomes.fraud + outcomes.overcount;
  const executed = outcomes.agreement + falseAnswers;
  const leftAside = outcomes.refused + outcomes.invalid + outcomes.notAuditable + outcomes.undecided + outcomes.unreachable;
  return labelled('audited', [
    [`${executed} executed, `],
    [`${falseAnswers} false`, falseAnswers > 0 ? 'bad' : 'plain'],
    [`, ${reported} reported, ${leftAside} left aside; `],
    [`${deposits.held} deposits to come back, `],
    [`${drawn} of ${seen} drawn, ${waiting} wait`, 'dim'],
  ]);
}

function blobLine({ blobId, outcome, phase, confidence, verified, rows, operators, error }: BlobView): Line {
  const [words, style] = outcome === undefined ? ([phase, 'plain'] as const) : OUTCOMES[outcome];
  const start: Line = [[`${blobId.slice(0, 12)}  `], [words.padEnd(14), style]];
  if (confidence === undefined) return [...start, [error?.message ?? '', 'dim']];
  const { availabilityBits, target, encodingBits } = confidence;
  const filled = Math.round(BAR * Math.min(1, availabilityBits / target));
  return [
    ...start,
    [`${availabilityBits.toFixed(1).padStart(5)} bits `],
    ['█'.repeat(filled), style],
    [`${'░'.repeat(BAR - filled)} `, 'dim'],
    [`${encodingBits.toFixed(1).padStart(5)} bits `],
    [`${`${verified}/${rows.length}`.padStart(7)}${String(operators).padStart(7)}`],
  ];
}

function peerLine({ peerId, transport = 'other', latencyMs, rowsVerified, bytesIn }: PeerView): Line {
  const latency = latencyMs === undefined ? '–' : `${Math.round(latencyMs)} ms`;
  return [
    [`…${peerId.slice(-10)}   ${transport.padEnd(14)}`],
    [`${latency.padStart(10)} ${String(rowsVerified).padStart(5)}  ${sizeText(bytesIn).padStart(10)}`],
  ];
}

function labelled(label: string, line: Line): Line {
  return [[label.padEnd(LABEL), 'dim'], ...line];
}

function capText(cap: number | undefined, text: (cap: number) => string): string {
  return cap === undefined ? '' : ` of ${text(cap)}`;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

function untilText({ resumesAtMs }: BudgetsView, nowMs: number): string {
  return resumesAtMs === undefined ? '' : `, ${durationText(resumesAtMs - nowMs)} to go`;
}

/** As `3 s`, `4 min 5 s`, `2 h 3 min`. */
function durationText(ms: number): string {
  const seconds = Math.max(0, Math.round(ms / 1_000));
  if (seconds < 60) return `${seconds} s`;
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}
