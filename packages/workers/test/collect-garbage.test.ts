import { collectGarbage } from '@perigee/workers';
import { describe, expect, it } from 'vitest';

const COUNT = 64;
const BYTES = 1 << 17;

/** Buffers that nobody has when this returns. */
function leave(): void {
  const buffers = Array.from({ length: COUNT }, () => new Uint8Array(BYTES));
  expect(buffers.reduce((sum, { length }) => sum + length, 0)).toBe(COUNT * BYTES);
}

describe('collectGarbage', () => {
  for (const what of ['young', 'all'] as const)
    it(`frees buffers that nobody has, ${what}`, async () => {
      collectGarbage('all');
      leave();
      const before = process.memoryUsage().arrayBuffers;
      collectGarbage(what);
      // memory of buffers is given back by a thread of V8
      await expect.poll(() => before - process.memoryUsage().arrayBuffers).toBeGreaterThan((COUNT * BYTES) / 2);
    });

  it('leaves no function behind by which others could', () => {
    collectGarbage('young');
    expect('gc' in globalThis).toBe(false);
  });
});
