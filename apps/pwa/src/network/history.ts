import type { LightNodeState } from '@perigee/sampler';

/** Points that are remembered: a quarter of an hour, one a second. */
export const MAX_POINTS = 900;

/** What one second was like. */
export interface Point {
  /** Milliseconds since 1970. */
  readonly atMs: number;
  /** A second. */
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rows: number;
  /** Median over connected peers of theirs, milliseconds; `undefined` while none has answered. */
  readonly latencyMs: number | undefined;
}

type Counted = Pick<LightNodeState, 'bytesIn' | 'bytesOut' | 'rowsVerified' | 'peers'>;

/** Makes points of snapshots: rates between one and the next. */
export class History {
  #points: readonly Point[] = [];
  #before: { readonly atMs: number; readonly state: Counted } | undefined;

  get points(): readonly Point[] {
    return this.#points;
  }

  look(atMs: number, state: Counted): void {
    const before = this.#before;
    // the clock of the page ticks once a second; a sum that fell is that of a node that was started anew
    if (before !== undefined && atMs <= before.atMs) return;
    this.#before = { atMs, state };
    if (before === undefined || state.bytesIn < before.state.bytesIn || state.rowsVerified < before.state.rowsVerified) return;
    const seconds = (atMs - before.atMs) / 1_000;
    const rate = (name: 'bytesIn' | 'bytesOut' | 'rowsVerified'): number =>
      Math.max(0, state[name] - before.state[name]) / seconds;
    const point = {
      atMs,
      bytesIn: rate('bytesIn'),
      bytesOut: rate('bytesOut'),
      rows: rate('rowsVerified'),
      latencyMs: medianLatency(state),
    };
    this.#points = [...this.#points, point].slice(-MAX_POINTS);
  }
}

export function medianLatency({ peers }: Pick<LightNodeState, 'peers'>): number | undefined {
  const known = peers.flatMap(({ connected, latencyMs }) => (connected && latencyMs !== undefined ? [latencyMs] : []));
  return known.sort((a, b) => a - b)[Math.floor(known.length / 2)];
}

export interface MinuteSum {
  /** Of its first moment, milliseconds since 1970. */
  readonly atMs: number;
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly rows: number;
  readonly latencyMs: number | undefined;
}

/** Sums by the minute, the latest first. */
export function byMinute(points: readonly Point[]): MinuteSum[] {
  const minutes = new Map<number, Point[]>();
  for (const point of points) {
    const atMs = Math.floor(point.atMs / 60_000) * 60_000;
    minutes.set(atMs, [...(minutes.get(atMs) ?? []), point]);
  }
  return [...minutes].reverse().map(([atMs, of]) => {
    const sum = (name: 'bytesIn' | 'bytesOut' | 'rows'): number => Math.round(of.reduce((all, point) => all + point[name], 0));
    const latencies = of.flatMap(({ latencyMs }) => latencyMs ?? []).sort((a, b) => a - b);
    const latencyMs = latencies[Math.floor(latencies.length / 2)];
    return { atMs, bytesIn: sum('bytesIn'), bytesOut: sum('bytesOut'), rows: sum('rows'), latencyMs };
  });
}
