import { PerigeeError } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { TickingClock } from '../../../tests/kit/ticking-clock.ts';
import { cryptoRandomBytes, defineProtocol, systemClock } from '../src/index.ts';
import { Slots } from '../src/slots.ts';
import { TokenBucket } from '../src/token-bucket.ts';
import { Watchdog } from '../src/watchdog.ts';
import { echoProtocol } from './protocols.ts';

const turn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

describe('a token bucket', () => {
  test('lets a burst through, and then its rate', () => {
    const clock = new TickingClock();
    const bucket = new TokenBucket(clock, 10, 5);
    const takeAll = (): number => {
      let taken = 0;
      while (bucket.take()) taken++;
      return taken;
    };
    expect(takeAll()).toBe(5);
    clock.advance(99);
    expect(takeAll()).toBe(0);
    clock.advance(1);
    expect(takeAll()).toBe(1);
    clock.advance(60_000);
    expect(takeAll()).toBe(5);
  });

  test('is not confused by a clock that is set back', () => {
    const clock = new TickingClock();
    const bucket = new TokenBucket(clock, 10, 1);
    expect(bucket.take()).toBe(true);
    clock.advance(-1_000_000);
    expect(bucket.take()).toBe(false);
    clock.advance(100);
    expect(bucket.take()).toBe(true);
  });
});

describe('slots', () => {
  test('are given in the order they were asked for, and the queue is bounded', async () => {
    const slots = new Slots(1, 2);
    const order: number[] = [];
    const first = await slots.acquire();
    const waiting = [1, 2].map(async (n) => {
      const release = await slots.acquire();
      order.push(n);
      return release;
    });
    await expect(slots.acquire()).rejects.toMatchObject({ code: 'BUSY' });
    first();
    first();
    await turn();
    expect(order).toEqual([1]);
    (await waiting[0])?.();
    await waiting[1];
    expect(order).toEqual([1, 2]);
  });

  test('whoever gives up leaves the queue', async () => {
    const slots = new Slots(1, 1);
    const release = await slots.acquire();
    const abort = new AbortController();
    const gone = slots.acquire(abort.signal);
    abort.abort();
    await expect(gone).rejects.toMatchObject({ code: 'ABORTED' });
    await expect(slots.acquire(abort.signal)).rejects.toMatchObject({ code: 'ABORTED' });
    const next = slots.acquire();
    release();
    expect(await next).toBeTypeOf('function');
  });
});

describe('a watchdog', () => {
  test('bites once when nobody touched it in time', async () => {
    const clock = new TickingClock();
    let bites = 0;
    const dog = new Watchdog(clock, 100, () => bites++);
    dog.touch();
    clock.advance(60);
    await turn();
    dog.touch();
    clock.advance(60);
    await turn();
    expect(bites).toBe(0);
    clock.advance(40);
    await turn();
    expect([bites, dog.running]).toEqual([1, false]);
    clock.advance(1_000);
    await turn();
    expect(bites).toBe(1);
  });

  test('sleeps when stopped, wakes when touched, and is gone when closed', async () => {
    const clock = new TickingClock();
    let bites = 0;
    const dog = new Watchdog(clock, 100, () => bites++);
    dog.touch();
    dog.stop();
    clock.advance(1_000);
    await turn();
    expect(bites).toBe(0);
    dog.touch();
    clock.advance(100);
    await turn();
    expect(bites).toBe(1);
    dog.touch();
    dog.close();
    dog.touch();
    clock.advance(1_000);
    await turn();
    expect(bites).toBe(1);
  });

  test('with no limit never bites', async () => {
    const clock = new TickingClock();
    const dog = new Watchdog(clock, Number.POSITIVE_INFINITY, () => expect.unreachable());
    dog.touch();
    expect(dog.running).toBe(false);
  });
});

test('the system clock sleeps, and wakes at once when told to', async () => {
  await systemClock.sleep(1);
  const abort = new AbortController();
  const sleep = systemClock.sleep(1_000_000, abort.signal);
  abort.abort();
  await expect(sleep).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(systemClock.sleep(1, AbortSignal.abort())).rejects.toBeInstanceOf(PerigeeError);
});

test('random bytes have any length and differ', () => {
  for (const length of [0, 1, 65_536, 200_000]) expect(cryptoRandomBytes(length)).toHaveLength(length);
  expect(cryptoRandomBytes(32)).not.toEqual(cryptoRandomBytes(32));
  expect(
    cryptoRandomBytes(200_000)
      .subarray(131_072)
      .some((byte) => byte !== 0),
  ).toBe(true);
});

test('a protocol whose messages do not fit into a frame is a mistake', () => {
  for (const maxAnswerBytes of [-1, 1.5, 2 * 1024 * 1024]) {
    expect(() => defineProtocol({ ...echoProtocol, maxAnswerBytes })).toThrow(PerigeeError);
  }
});
