import { createHash } from 'node:crypto';
import { toHex } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { HashChoice } from '../src/hash-choice.ts';
import { createCodec } from '../src/index.ts';
import { wasmBytes } from './load.ts';
import { Random } from './random.ts';

/** A clock that moves by what the two sides are said to take. */
function sides(host: number, kernel: number) {
  let now = 0;
  const calls = { host: 0, kernel: 0 };
  const takes = (name: 'host' | 'kernel', ms: number) => () => {
    calls[name]++;
    now += ms;
  };
  return { now: () => now, calls, host: takes('host', host), kernel: takes('kernel', kernel) };
}

describe('which hash rows get', () => {
  it('is the one that took less time', () => {
    for (const [host, kernel] of [
      [0.1, 0.2],
      [0.2, 0.1],
    ] as const) {
      const s = sides(host, kernel);
      expect(new HashChoice(s.now).hostIsFaster(4_096, s.host, s.kernel)).toBe(host < kernel);
    }
  });

  it('is measured once for rows of like length', () => {
    const s = sides(0.1, 0.2);
    const choice = new HashChoice(s.now);
    choice.hostIsFaster(4_096, s.host, s.kernel);
    const { host } = s.calls;
    expect(choice.hostIsFaster(8_128, s.host, s.kernel)).toBe(true);
    expect(s.calls.host).toBe(host);
    choice.hostIsFaster(8_192, s.host, s.kernel);
    expect(s.calls.host).toBeGreaterThan(host);
  });

  it('is soon found, however slow both are', () => {
    const s = sides(500, 400);
    expect(new HashChoice(s.now).hostIsFaster(131_072, s.host, s.kernel)).toBe(false);
    expect(s.calls).toEqual({ host: 2, kernel: 2 });
  });

  it('makes no difference to what is committed to', async () => {
    const module = await WebAssembly.compile(await wasmBytes('simd'));
    const sha256 = (data: Uint8Array): Uint8Array => createHash('sha256').update(data).digest();
    const shape = { k: 16, n: 48, rowSize: 320 };
    const original = new Random(3).bytes(shape.k * shape.rowSize);
    const commitments = [-1, 1].map((step) => {
      let now = 0;
      // a clock that goes back makes each measurement look better than the one before: both choices come about
      const codec = createCodec({ module, sha256, now: () => (now += step) });
      return toHex(codec.extendAndCommit({ ...shape, original }).commitment);
    });
    expect(
      new Set([...commitments, toHex(createCodec({ module }).extendAndCommit({ ...shape, original }).commitment)]).size,
    ).toBe(1);
  });
});
