import { createLightNode, type LightNodeState } from '@perigee/sampler';
import type { LaidOutFinding } from '@perigee/sampler/audit';
import { describe, expect, it, vi } from 'vitest';
import type { LightAuditsView } from '../src/audits/light-audits.ts';
import type { Logger } from '../src/cli/log.ts';
import type { Output } from '../src/cli/output.ts';
import { reporter } from '../src/light-report.ts';
import { lightScreen } from '../src/terminal/light-screen.ts';
import { render } from '../src/terminal/line.ts';
import { openTerminal } from '../src/terminal/terminal.ts';

const NOW = 1_800_000_000_000;
const { state: initial } = createLightNode({});
const head = { height: 7, headerHash: 'ab'.repeat(32), timeMs: NOW - 3_000, validators: 4, signedPower: 0.75 };
const blob = {
  blobId: `00${'cd'.repeat(32)}`,
  outcome: 'available',
  outcomeAtMs: NOW,
  earlier: false,
  confidence: { drawn: 20, verified: 20, rounds: 1, target: 40, availabilityBits: 44.2, encodingBits: 13.6 },
  verified: 20,
  rows: Array.from({ length: 20 }),
  operators: 2,
};
const peer = {
  peerId: `12D3${'x'.repeat(30)}`,
  connected: true,
  transport: 'tcp',
  latencyMs: 4,
  rowsVerified: 9,
  bytesIn: 2_048,
};

function stateOf(change: object): LightNodeState {
  return { ...initial, ...change } as LightNodeState;
}

function screen(
  state: LightNodeState,
  {
    rows = 24,
    columns = 80,
    notice,
    audits,
  }: Partial<Record<'rows' | 'columns', number>> & { notice?: string; audits?: LightAuditsView } = {},
) {
  const lines = lightScreen({ state, audits, startedAtMs: NOW - 3_661_000, nowMs: NOW, rows, home: '/home', notice });
  return lines.map((line) => render(line, columns, false));
}

describe('the screen', () => {
  const full = stateOf({ phase: 'live', head, freshness: 'current', blobs: [blob], peers: [peer], rowsVerified: 20 });

  it('says that nothing is known yet', () => {
    expect(screen(initial)).toEqual(
      expect.arrayContaining(['head      not verified yet (starting)', 'none yet', 'kept      nothing']),
    );
  });

  it('shows head, both confidences apart, peers, bytes and processor time', () => {
    const lines = screen(full);
    expect(lines[0]).toBe('perigee light  chain not known yet  up 1 h 1 min');
    expect(lines).toContain('head      7 abababababab… current, 3 s old, 4 validators, 75.0 % signed');
    expect(lines).toContain('sampled   1 of 1 blobs available, 20 rows verified');
    expect(lines).toContain('00cdcdcdcdcd  available      44.2 bits ██████████  13.6 bits   20/20      2');
    expect(lines.some((line) => /^…x{10} {3}tcp .* 4 ms .* 9 .* 2\.0 KiB$/.test(line))).toBe(true);
  });

  it('names the caps that hold up sampling, and how long', () => {
    const budgets = {
      ...initial.budgets,
      caps: { cpuShare: 0.2 },
      cpuShare: 0.31,
      throttledBy: ['cpuShare'],
      resumesAtMs: NOW + 4_000,
    };
    const lines = screen(stateOf({ budgets }), { notice: 'hidden' });
    expect(lines).toContain('processor 31.0 % of 20.0 % of a core');
    expect(lines.at(-1)).toBe('samples wait for processor time, 4 s to go');
    expect(screen(initial, { notice: 'banned …abc' }).at(-1)).toBe('banned …abc');
  });

  it.each([10, 24, 50])('fits into %d rows, and into every width', (rows) => {
    const many = stateOf({
      ...full,
      blobs: Array.from({ length: 40 }, () => blob),
      peers: Array.from({ length: 30 }, () => peer),
    });
    expect(screen(many, { rows }).length).toBeLessThanOrEqual(Math.max(rows - 1, 15));
    for (const columns of [1, 20, 79])
      for (const line of screen(many, { rows, columns })) expect([...line].length).toBeLessThanOrEqual(columns);
  });

  it('says what auditing came to, where something is audited', () => {
    const outcomes = {
      agreement: 7,
      fraud: 1,
      overcount: 1,
      invalid: 2,
      notAuditable: 1,
      undecided: 0,
      refused: 3,
      known: 4,
      unreachable: 0,
    };
    const today = { blobs: 19, bytes: 90_000 };
    const audits = {
      rate: 0.5,
      seen: 40,
      drawn: 21,
      crowdedOut: 0,
      waiting: 2,
      outcomes,
      reported: 9,
      today,
      deposits: { held: 5, collected: 3 },
    };
    const line = 'audited   9 executed, 2 false, 9 reported, 6 left aside; 5 deposits to come back, 21 of 40 drawn, 2 wait';
    expect(screen(full, { columns: 120, audits })).toContain(line);
    expect(screen(full).join('')).not.toContain('audited');
    expect(screen(full, { rows: 24, audits }).length).toBeLessThanOrEqual(23);
  });

  it('does nothing that a stranger wrote', () => {
    const chain = { chainId: '\u001b[2Jevil', development: undefined };
    expect(screen(stateOf({ chain })).join('')).not.toContain('\u001b');
  });
});

it('a terminal is given back as it was', () => {
  vi.useFakeTimers();
  let written = '';
  const write = (text: string): boolean => {
    written += text;
    return true;
  };
  const stream = { columns: 20, rows: 4, write, on: vi.fn(), off: vi.fn() };
  const draw = vi.fn(() => [[['one two three four five six', 'good']], [], [], [], [['too many']]] as const);
  const leave = openTerminal({ stream: stream as never, isColoured: true, draw });
  vi.advanceTimersByTime(1_000);
  leave();
  vi.advanceTimersByTime(10_000);
  vi.useRealTimers();
  expect(draw).toHaveBeenCalledTimes(3);
  expect(written).toContain('\u001b[32mone two three four…\u001b[0m');
  expect(written).not.toContain('too many');
  expect(written.startsWith('\u001b[?1049h')).toBe(true);
  expect(written.endsWith('\u001b[?1049l')).toBe(true);
  expect(stream.off).toHaveBeenCalled();
});

describe('the report', () => {
  function written({ json = true, notice }: { json?: boolean; notice?: (words: string) => void } = {}) {
    const objects: Record<string, unknown>[] = [];
    const lines: string[] = [];
    const result = (value: object, words: readonly string[]): void => {
      objects.push({ ...value });
      lines.push(...words);
    };
    const output = { json, result } as unknown as Output;
    const log = { warn: vi.fn(), debug: vi.fn() } as unknown as Logger;
    let now = NOW;
    const { look: tell, audit } = reporter({ output, log, now: () => now, audits: () => undefined, ...(notice && { notice }) });
    const later = (ms: number): void => {
      now += ms;
    };
    return { objects, lines, log, tell, audit, later };
  }

  it('is one object for each head and outcome, and of sums now and then, each with its version', () => {
    const { objects, tell, later } = written();
    const state = stateOf({ head, freshness: 'current', blobs: [blob], peers: [peer], bytesIn: 5 });
    tell(state);
    tell(state);
    later(10_000);
    tell(state);
    expect(objects.map(({ version, event }) => [version, event])).toEqual([
      [1, 'head'],
      [1, 'outcome'],
      [1, 'status'],
      [1, 'status'],
    ]);
    expect(objects[2]).toMatchObject({ peers: 1, blobs: 1, bytesIn: 5, budgets: { caps: {} }, freshness: 'current' });
    expect(JSON.parse(JSON.stringify(objects[1]))).toMatchObject({ outcome: 'available', evidenceIds: [] });
  });

  it('is for readers of lines a line for each event, and one a minute for all else', () => {
    const { lines, tell, audit, later } = written({ json: false });
    tell(stateOf({ phase: 'connecting', head }));
    expect(lines).toEqual([]);
    const finding = { outcome: 'agreement', blobId: blob.blobId, reason: 'the model gives the same' };
    for (let second = 0; second < 180; second++) {
      const blobs = second < 90 ? [] : [blob];
      tell(stateOf({ head: { ...head, height: 7 + second }, freshness: 'current', blobs, peers: [peer], bytesIn: 2_048 }));
      if (second === 100) audit(finding as LaidOutFinding);
      later(1_000);
    }
    const status = (height: number, blobs: string) =>
      `head ${height} of ${new Date(head.timeMs).toISOString()} (current), 1 peer, ${blobs}, 0 rows verified, 2.0 KiB in, 0 bytes out`;
    expect(lines).toEqual([
      status(7, '0 blobs'),
      status(67, '0 blobs'),
      `blob ${blob.blobId} available: 20 of 20 rows verified, from 2 committee keys`,
      `audit agreement ${blob.blobId} the model gives the same`,
      status(127, '1 blob'),
    ]);
  });

  it('passes only warnings on to a screen', () => {
    const notice = vi.fn();
    const { objects, log, tell } = written({ notice });
    const events = [{ id: 1, atMs: NOW, kind: 'banned', about: 'peer', data: { code: 'PROOF' } }];
    tell(stateOf({ head, freshness: 'stale', events }));
    expect(notice.mock.calls).toEqual([['no peer has shown a newer head for a while 7'], ['banned peer PROOF']]);
    expect([objects, log.warn]).toEqual([[], expect.toSatisfy((warn) => warn.mock.calls.length === 0)]);
  });
});
