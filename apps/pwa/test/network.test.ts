import type { PeerView } from '@perigee/sampler';
import { describe, expect, it } from 'vitest';
import { byMinute, History, MAX_POINTS, medianLatency } from '../src/network/history.ts';
import { OUTER, placePeers, radiusOf } from '../src/network/layout.ts';

function peer(name: string, latencyMs: number | undefined, bytesIn = 0, connected = true): PeerView {
  return { peerId: name, latencyMs, bytesIn, connected } as PeerView;
}

function stateAt(bytesIn: number, rowsVerified = 0, peers: readonly PeerView[] = []) {
  return { bytesIn, bytesOut: bytesIn / 10, rowsVerified, peers };
}

describe('the history', () => {
  it('has the rates between snapshots, and none before the second', () => {
    const history = new History();
    history.look(1_000, stateAt(500, 3));
    expect(history.points).toEqual([]);
    history.look(3_000, stateAt(2_500, 7, [peer('a', 40), peer('b', 8), peer('c', 9), peer('d', 1, 0, false)]));
    expect(history.points).toEqual([{ atMs: 3_000, bytesIn: 1_000, bytesOut: 100, rows: 2, latencyMs: 9 }]);
  });

  it('takes a node that was started anew for no lack, and looks once at a moment', () => {
    const history = new History();
    for (const [atMs, bytes] of [
      [0, 100],
      [1_000, 200],
      [1_000, 900],
      [2_000, 10],
      [3_000, 60],
    ] as const)
      history.look(atMs, stateAt(bytes));
    expect(history.points.map(({ bytesIn }) => bytesIn)).toEqual([100, 50]);
  });

  it('is bounded', () => {
    const history = new History();
    for (let second = 0; second < MAX_POINTS + 50; second++) history.look(second * 1_000, stateAt(second));
    expect(history.points).toHaveLength(MAX_POINTS);
    expect(history.points.at(-1)?.atMs).toBe((MAX_POINTS + 49) * 1_000);
  });

  it('is summed by the minute, the latest first', () => {
    const point = (atMs: number, latencyMs?: number) => ({ atMs, bytesIn: 10, bytesOut: 1, rows: 0.5, latencyMs });
    expect(byMinute([point(59_000), point(60_000, 7), point(61_000, 5), point(62_000, 9)])).toEqual([
      { atMs: 60_000, bytesIn: 30, bytesOut: 3, rows: 2, latencyMs: 7 },
      { atMs: 0, bytesIn: 10, bytesOut: 1, rows: 1, latencyMs: undefined },
    ]);
    expect(byMinute([])).toEqual([]);
    expect(medianLatency({ peers: [] })).toBeUndefined();
  });
});

describe('the peer map', () => {
  it('has those near that answer soon, and those out that have not', () => {
    const placed = placePeers([peer('b', 1), peer('a', undefined), peer('c', 10_000)]);
    expect(placed.map(({ peer: { peerId } }) => peerId)).toEqual(['a', 'b', 'c']);
    const radii = placed.map(({ x, y }) => Math.round(Math.hypot(x, y)));
    expect(radii).toEqual([OUTER, 16, OUTER]);
    expect([radiusOf(0), radiusOf(10), radiusOf(100)].map(Math.round)).toEqual([16, 40, 64]);
  });

  it('has a thick line to whom most came from, and nobody on another', () => {
    const placed = placePeers([peer('a', 5, 0), peer('b', 5, 25), peer('c', 5, 100)]);
    expect(placed.map(({ width }) => Number(width.toFixed(1)))).toEqual([0.6, 2.8, 5]);
    expect(new Set(placed.map(({ x, y }) => `${x.toFixed(2)} ${y.toFixed(2)}`)).size).toBe(3);
    expect(placePeers([])).toEqual([]);
  });
});
