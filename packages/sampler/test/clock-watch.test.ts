import { describe, expect, it } from 'vitest';
import { ClockWatch } from '../src/chain/clock-watch.ts';

const HOUR = 3_600_000;

/** Heads that come once a second, made at `made(i)` by the chain's time and seen at `seen(i)` by the local clock. */
function watch(heads: number, options: { made: (i: number) => number; seen: (i: number) => number; keys: number }) {
  let now = 0;
  const watched = new ClockWatch({ now: () => now, sleep: async () => {} });
  const states: string[] = [];
  for (let i = 0; i < heads; i++) {
    now = options.seen(i);
    watched.head({ height: i + 1, timeMs: options.made(i) }, options.keys);
    states.push(watched.view.state);
  }
  const at = (ms: number): void => {
    now = ms;
  };
  return { watched, states, at };
}

const T = 1_700_000_000_000;
const eachSecond = (i: number) => T + 1_000 * i;

describe('the local clock', () => {
  it('is all right when heads are as young as they should be', () => {
    const { watched } = watch(1, { made: eachSecond, seen: (i) => eachSecond(i) + 900, keys: 0 });
    expect(watched.view).toEqual({ state: 'ok', offsetMs: 0 });
  });

  it('an hour ahead: is told after three heads of two members, with the offset', () => {
    const { watched, states } = watch(4, { made: eachSecond, seen: (i) => eachSecond(i) + HOUR + 50 * i, keys: 2 });
    expect(states).toEqual(['unknown', 'unknown', 'ahead', 'ahead']);
    expect(watched.view).toEqual({ state: 'ahead', offsetMs: HOUR });
  });

  it('is not blamed for old heads of one source, nor for a chain that catches up, nor for many heads at once', () => {
    expect(watch(9, { made: eachSecond, seen: (i) => eachSecond(i) + HOUR, keys: 1 }).watched.view.state).toBe('unknown');
    const catchingUp = { made: (i: number) => T + 20_000 * i, seen: (i: number) => eachSecond(i) + HOUR, keys: 2 };
    expect(watch(9, catchingUp).watched.view.state).toBe('unknown');
    const burst = { made: eachSecond, seen: (i: number) => T + HOUR + i, keys: 2 };
    expect(watch(3, burst).watched.view.state).toBe('unknown'); // three at once say nothing of how time goes
  });

  it('one old head that is looked at again and again stays one', () => {
    let now = T;
    const watched = new ClockWatch({ now: () => now, sleep: async () => {} });
    for (let i = 0; i < 9; i++) {
      now = T + HOUR + 1_000 * i;
      watched.head({ height: 5, timeMs: T }, 2);
    }
    expect(watched.view.state).toBe('unknown');
  });

  it('behind: is told by a header from the future, and taken back by a head that is current', () => {
    const { watched, at } = watch(0, { made: eachSecond, seen: eachSecond, keys: 2 });
    watched.future(HOUR);
    expect(watched.view).toEqual({ state: 'behind', offsetMs: HOUR });
    at(T + 1_000);
    watched.head({ height: 1, timeMs: T }, 0);
    expect(watched.view.state).toBe('ok');
    watched.future(HOUR); // validators that sign too early, beside current heads
    expect(watched.view.state).toBe('ok');
    at(T - HOUR); // the clock was set back
    watched.future(HOUR);
    expect(watched.view.state).toBe('behind');
  });
});
