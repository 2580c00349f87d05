import { PerigeeError } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Arena } from '../src/arena.ts';

const LIMIT = 1 << 20;

describe('Arena', () => {
  it('never lets two blocks touch the same byte, and has all memory back in the end', () => {
    const steps = fc.array(fc.record({ bytes: fc.integer({ min: 0, max: 40_000 }), free: fc.boolean(), which: fc.nat() }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(steps, (list) => {
        const arena = new Arena(new WebAssembly.Memory({ initial: 1, maximum: LIMIT / 65_536 }), 1_000, LIMIT);
        const blocks: { start: number; end: number }[] = [];
        for (const { bytes, free, which } of list) {
          if (free && blocks.length > 0) {
            const [block] = blocks.splice(which % blocks.length, 1);
            arena.free((block as { start: number }).start);
            continue;
          }
          try {
            const start = arena.allocate(bytes);
            expect(start % 64).toBe(0);
            expect(start).toBeGreaterThanOrEqual(1_000);
            expect(start + bytes).toBeLessThanOrEqual(LIMIT);
            for (const other of blocks) expect(start >= other.end || start + bytes <= other.start).toBe(true);
            blocks.push({ start, end: start + Math.max(bytes, 1) });
          } catch (error) {
            expect(PerigeeError.from(error).code).toBe('OUT_OF_MEMORY');
          }
        }
        for (const { start } of blocks) arena.free(start);
        expect(arena.used).toBe(0);
        const all = LIMIT - 1_024;
        expect(arena.allocate(all)).toBe(1_024);
      }),
    );
  });

  it('refuses to free what it did not give', () => {
    const arena = new Arena(new WebAssembly.Memory({ initial: 1, maximum: 16 }), 0, LIMIT);
    const block = arena.allocate(64);
    arena.free(block);
    for (const address of [block, block + 1, 4_096]) expect(() => arena.free(address)).toThrow(PerigeeError);
  });
});
