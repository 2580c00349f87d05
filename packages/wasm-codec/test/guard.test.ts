import { PerigeeError, toHex } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { encode } from '../src/code-room.ts';
import { guarded } from '../src/guard.ts';
import { Kernel, type KernelExports } from '../src/kernel.ts';
import { reconstruct } from '../src/reconstruct.ts';
import { BUILDS, wasmBytes } from './load.ts';
import { Random } from './random.ts';
import { LONG } from './shapes.ts';

const PAGES = 40;
const END = PAGES * 65_536;
type Call = (...args: number[]) => unknown;

/** Numbers as a broken caller may bring them: of every size, near the bounds, and of the kinds that are right. */
const wild = fc.oneof(
  fc.integer({ min: -4, max: 300 }),
  fc.integer({ min: 0, max: 70_000 }),
  fc.constantFrom(1, 2, 4, 8, 32, 64, 128, 192, 256, 1_024, 4_096, 32_768, 65_535, 65_536),
  fc.integer({ min: 0, max: END / 64 + 2 }).map((block) => 64 * block),
  fc.integer({ min: END - 300, max: END + 300 }),
  fc.constantFrom(
    -1,
    0.5,
    2 ** 31 - 1,
    2 ** 31,
    2 ** 32 - 64,
    2 ** 32 - 1,
    2 ** 32,
    2 ** 53,
    Number.NaN,
    Number.POSITIVE_INFINITY,
  ),
);

const shape = { k: 5, n: 11, rowSize: 128, layout: 'high' } as const;
const original = new Random(7).bytes(shape.k * shape.rowSize);

/** What a kernel that is as it was computes: of the field, the constants of the hash, and the transforms. */
function answers(kernel: Kernel): string {
  const parity = encode(kernel, { ...shape, original });
  const rows = new Map([0, 3, 5, 8, 10].map((i) => [5 + i, parity.slice(i * shape.rowSize, (i + 1) * shape.rowSize)]));
  const restored = reconstruct(kernel, { ...shape, rows });
  return [parity, restored, kernel.sha256(Uint8Array.of(1, 2, 3))].map(toHex).join();
}

for (const build of BUILDS) {
  const bytes = await wasmBytes(build);
  describe.skipIf(!WebAssembly.validate(bytes))(`a kernel called with any numbers, ${build} build`, () => {
    const make = async (): Promise<Kernel> => {
      const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
      return new Kernel(await WebAssembly.compile(bytes), memory, undefined);
    };

    it('refuses or computes, and works as before', async () => {
      const kernel = await make();
      const before = answers(kernel);
      const stack = kernel.call.__stack_pointer.value;
      const names = Object.keys(kernel.call).filter((name) => !name.startsWith('__')) as (keyof KernelExports)[];
      const tables = kernel.field;
      // the field is where it belongs more often than not: else the first check would be the only one that is ever tried
      const call = fc.record({
        name: fc.constantFrom(...names),
        args: fc.array(wild, { minLength: 17, maxLength: 17 }),
        withField: fc.integer({ min: 0, max: 9 }),
      });
      let computed = 0;
      fc.assert(
        fc.property(call, ({ name, args: [first = 0, ...rest], withField }) => {
          try {
            (kernel.call[name] as Call)(withField === 0 ? first : tables, ...rest);
            computed++;
          } catch (error) {
            expect(error).toBeInstanceOf(PerigeeError);
            expect((error as PerigeeError).code).toBe('INTERNAL');
          }
          expect(kernel.call.__stack_pointer.value).toBe(stack);
        }),
        { numRuns: LONG ? 100_000 : 3_000 },
      );
      expect(computed).toBeGreaterThan(0);
      expect(answers(kernel)).toBe(before);
    });

    it('changes one argument of a good call, and works as before', async () => {
      const kernel = await make();
      const before = answers(kernel);
      const good: [keyof KernelExports, number[]][] = [];
      const recording = Object.fromEntries(
        Object.entries(kernel.call).map(([name, run]) => [
          name,
          typeof run === 'function'
            ? (...args: number[]) => {
                good.push([name as keyof KernelExports, args]);
                return (run as Call)(...args);
              }
            : run,
        ]),
      );
      const { call } = kernel;
      Object.assign(kernel, { call: recording });
      answers(kernel);
      Object.assign(kernel, { call });
      expect(new Set(good.map(([name]) => name)).size).toBeGreaterThan(3);
      const cases = fc.record({ of: fc.nat(good.length - 1), at: fc.nat(15), value: wild });
      fc.assert(
        fc.property(cases, ({ of, at, value }) => {
          const [name, args] = good[of] as [keyof KernelExports, number[]];
          const changed = args.with(at % args.length, value);
          try {
            (kernel.call[name] as Call)(...changed);
          } catch (error) {
            expect(error).toBeInstanceOf(PerigeeError);
          }
        }),
        { numRuns: LONG ? 50_000 : 2_000 },
      );
      expect(answers(kernel)).toBe(before);
    });

    it('makes the field where it is, and nowhere beside it', async () => {
      const kernel = await make();
      const before = answers(kernel);
      const { field } = kernel;
      for (const beside of [-64, -1, 1, 64, 65_536]) expect(() => kernel.call.field_init(field + beside)).toThrow(PerigeeError);
      expect(answers(kernel)).toBe(before);
      kernel.call.field_init(field);
      expect(answers(kernel)).toBe(before);
    });

    it('gives the stack back where the kernel traps', async () => {
      const memory = new WebAssembly.Memory({ initial: PAGES, maximum: PAGES });
      const { exports } = await WebAssembly.instantiate(await WebAssembly.compile(bytes), { env: { memory } });
      const raw = exports as unknown as KernelExports;
      const stack = raw.__stack_pointer.value;
      // with bounds that are not there nothing is refused
      const call = guarded(raw, memory, () => ({ base: 0, end: 2 ** 32, field: [0, 0] }));
      const out = raw.__heap_base.value + 64;
      for (let i = 0; i < 3_000; i++) {
        expect(() => call.sha256(END - 10, 4_096, out)).toThrow(/trapped in sha256/);
        expect(raw.__stack_pointer.value).toBe(stack);
      }
      call.sha256(out, 0, out);
      expect(toHex(new Uint8Array(memory.buffer, out, 4))).toBe('e3b0c442');
    });
  });
}
