import { type PerigeeError, WEBTRANSPORT_LOOK_MS, WEBTRANSPORT_ROTATE_RETRY_MS } from '@perigee/wire';
import { expect, onTestFinished, test } from 'vitest';
import { TickingClock } from '../../../../tests/kit/ticking-clock.ts';
import { keepRotating } from '../../src/webtransport/rotation.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

function rotation() {
  const clock = new TickingClock();
  const at = { canWrite: true, tries: 0, rotated: 0, rotatesAt: 1_000_000 };
  const faults: PerigeeError[] = [];
  const stop = new AbortController();
  const ended = keepRotating(
    {
      certificates: {
        async rotate(now) {
          at.tries++;
          if (now < at.rotatesAt) return false;
          if (!at.canWrite) throw new Error('the disk is full');
          at.rotatesAt += 10 * WEBTRANSPORT_LOOK_MS;
          return true;
        },
        get rotatesAt() {
          return at.rotatesAt;
        },
      },
      clock,
      onRotated: () => at.rotated++,
      onFault: (error) => faults.push(error),
    },
    stop.signal,
  );
  onTestFinished(async () => {
    stop.abort();
    await ended;
  });
  const advance = async (ms: number): Promise<void> => {
    await turn();
    clock.advance(ms);
    await turn();
  };
  return { at, faults, clock, advance, stop, ended };
}

test('a certificate that cannot be written is tried again after pauses that grow, and said once', async () => {
  const { at, faults, advance } = rotation();
  at.canWrite = false;
  await advance(at.rotatesAt);
  expect([at.tries, faults.length]).toEqual([2, 1]);
  expect(faults[0]).toMatchObject({ code: 'REFUSED', cause: { message: 'the disk is full' } });
  let pause = WEBTRANSPORT_ROTATE_RETRY_MS;
  for (let tries = 2; tries < 20; tries++) {
    await advance(pause - 1);
    expect(at.tries).toBe(tries);
    await advance(1);
    expect(at.tries).toBe(tries + 1);
    pause = Math.min(2 * pause, WEBTRANSPORT_LOOK_MS);
  }
  expect(pause).toBe(WEBTRANSPORT_LOOK_MS);
  expect(faults).toHaveLength(1);
  at.canWrite = true;
  await advance(pause);
  expect(at.rotated).toBe(1);
  at.canWrite = false; // another fault is told of again
  for (let looks = 0; looks < 12; looks++) await advance(WEBTRANSPORT_LOOK_MS);
  expect(faults).toHaveLength(2);
});

test('it is looked at now and then, and no more once it is to end', async () => {
  const { at, advance, stop, ended } = rotation();
  at.rotatesAt = 10 * WEBTRANSPORT_LOOK_MS;
  await advance(WEBTRANSPORT_LOOK_MS - 1);
  expect(at.tries).toBe(1);
  await advance(1);
  expect(at.tries).toBe(2);
  stop.abort();
  await ended;
  await advance(WEBTRANSPORT_LOOK_MS);
  expect(at.tries).toBe(2);
});
