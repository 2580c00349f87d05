import { tokensInWords } from '@perigee/light-core/tx';
import type { LightNodeState, NodeEvent } from '@perigee/sampler';
import type { CollectedDeposit, LaidOutFinding } from '@perigee/sampler/audit';
import type { LightAuditsView } from './audits/light-audits.ts';
import type { Logger } from './cli/log.ts';
import type { Output } from './cli/output.ts';
import { sizeText } from './sizes.ts';
import { outcomeText } from './words.ts';

/** Version of the objects that `perigee light --json` writes: a field may be added in it, none changes. */
export const REPORT_VERSION = 1;
/** Events that say that something is wrong; the rest is shown by heads and outcomes. */
const WARNINGS = new Set<NodeEvent['kind']>(['banned', 'clock', 'conflict', 'evidence', 'storage', 'error']);
/** How often sums are reported, milliseconds: to a program, and to whoever reads lines, in which events must not drown. */
const STATUS_EVERY_MS = { json: 10_000, lines: 60_000 };

export interface ReportOptions {
  readonly output: Output;
  readonly log: Logger;
  readonly now: () => number;
  /** What auditing came to so far; `undefined` where nothing is audited. */
  readonly audits: () => LightAuditsView | undefined;
  /** A screen shows what is: only warnings are passed on, to it. */
  readonly notice?: (words: string) => void;
}

export interface LightReport {
  /** Writes what changed since the last snapshot: each outcome, for programs each head, and sums now and then; warnings go to the log. */
  look(state: LightNodeState): void;
  /** Writes what came of a receipt that was laid out. */
  audit(finding: LaidOutFinding): void;
  /** Writes that the deposit of a report came back. */
  deposit(collected: CollectedDeposit): void;
}

export function reporter({ output, log, now, audits, notice }: ReportOptions): LightReport {
  let height = 0;
  let lastEvent = 0;
  let wasStale = false;
  const everyMs = output.json ? STATUS_EVERY_MS.json : STATUS_EVERY_MS.lines;
  let reportedAtMs = Number.NEGATIVE_INFINITY;
  const told = new Map<string, string>();
  const write = (event: string, value: object, lines: readonly string[]): void => {
    if (notice === undefined) output.result({ version: REPORT_VERSION, event, ...value }, lines);
  };
  const warn = (fields: object, words: string): void => {
    if (notice === undefined) log.warn(fields, words);
    else notice(`${words} ${Object.values(fields).join(' ')}`);
  };
  const audit = (finding: LaidOutFinding): void => {
    const { outcome, blobId, reason, reported, kept } = finding;
    const words = [reported, kept !== undefined && kept !== 'kept' ? `its receipt is not kept: ${kept}` : undefined];
    const told = words.filter((word) => word !== undefined).join('; ');
    const said = told === '' ? '' : ` (${told})`;
    write('audit', finding, [`audit ${outcome} ${blobId} ${reason}${said}`]);
    if (outcome === 'fraud' || outcome === 'overcount') warn({ order: finding.order, provider: finding.provider }, outcome);
  };
  const deposit = ({ order, deposit: amount }: CollectedDeposit): void =>
    write('deposit', { order, deposit: String(amount) }, [`deposit ${tokensInWords(amount)} of report ${order} came back`]);
  const look = (state: LightNodeState): void => {
    const { head, freshness, blobs, events, evidence } = state;
    if (head !== undefined && freshness !== undefined && head.height > height) {
      height = head.height;
      write('head', { ...head, freshness }, []);
    }
    const isStale = freshness === 'stale';
    if (isStale && !wasStale) warn({ height }, 'no peer has shown a newer head for a while');
    wasStale = isStale;
    for (const blob of blobs) {
      const { blobId, outcome, outcomeAtMs, earlier, confidence } = blob;
      const found = `${outcome} ${outcomeAtMs}`;
      if (outcome === undefined || earlier || told.get(blobId) === found) continue;
      told.set(blobId, found);
      const evidenceIds = evidence.filter((one) => one.blobId === blobId).map(({ id }) => id);
      write('outcome', { blobId, outcome, outcomeAtMs, confidence, evidenceIds }, [`blob ${blobId} ${outcomeText(blob)}`]);
    }
    for (const id of told.keys()) if (!blobs.some((blob) => blob.blobId === id)) told.delete(id);
    for (const event of events.filter(({ id }) => id > lastEvent)) {
      lastEvent = event.id;
      const { kind, about, data } = event;
      // a store that ends the command is told by its error
      if (about === 'STORE_LOCKED' || about === 'STORE_VERSION') continue;
      if (WARNINGS.has(kind) && about !== 'ok') warn({ about, ...data }, kind === 'storage' ? `storage: ${about}` : kind);
      else log.debug({ about, ...data }, kind);
    }
    if (Math.abs(now() - reportedAtMs) < everyMs) return;
    if (!output.json && (head === undefined || freshness === undefined)) return; // the first line says something
    reportedAtMs = now();
    const audited = audits();
    write('status', { ...sumsOf(state), ...(audited && { audits: audited }) }, [statusLine(state, audited)]);
  };
  return { look, audit, deposit };
}

function statusLine(state: LightNodeState, audited: LightAuditsView | undefined): string {
  const { freshness, peers, blobs, rowsVerified, bytesIn, bytesOut } = sumsOf(state);
  const { height = 0, timeMs = 0 } = state.head ?? {};
  return [
    `head ${height} of ${new Date(timeMs).toISOString()} (${freshness})`,
    `${peers} ${peers === 1 ? 'peer' : 'peers'}`,
    `${blobs} ${blobs === 1 ? 'blob' : 'blobs'}`,
    `${rowsVerified} rows verified`,
    `${sizeText(bytesIn)} in`,
    `${sizeText(bytesOut)} out`,
    ...(audited === undefined ? [] : [`${audited.drawn} of ${audited.seen} answers drawn for audit`]),
  ].join(', ');
}

function sumsOf({ phase, freshness, peers, blobs, rowsVerified, bytesIn, bytesOut, budgets, storage }: LightNodeState) {
  return {
    phase,
    freshness: freshness ?? null,
    peers: peers.filter((peer) => peer.connected).length,
    blobs: blobs.length,
    rowsVerified,
    bytesIn,
    bytesOut,
    budgets,
    storedBytes: storage?.usedBytes ?? null,
  };
}
