import { toHex } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { type Codec, chooseBuild } from '../src/index.ts';
import { BUILDS, loadCodec, wasmBytes } from './load.ts';
import { Random } from './random.ts';
import { shapes } from './shapes.ts';

describe('the three builds', () => {
  it('are chosen by what the engine accepts', async () => {
    await wasmBytes('scalar'); // turns relaxed SIMD on where a flag is needed
    const accepted = await Promise.all(BUILDS.map(async (build) => WebAssembly.validate(await wasmBytes(build))));
    expect(accepted[BUILDS.indexOf(chooseBuild())]).toBe(true);
    expect(chooseBuild()).toBe(BUILDS[accepted.lastIndexOf(true)]);
  });

  it('give the same bytes', async () => {
    const scalar = (await loadCodec('scalar')) as Codec;
    const withHostHash = loadCodec('simd', (data) => scalar.sha256(data));
    const codecs = (await Promise.all([...BUILDS.map((build) => loadCodec(build)), withHostHash])).filter(
      (codec) => codec !== undefined,
    );
    const same = (run: (codec: Codec) => Uint8Array) => expect(new Set(codecs.map((codec) => toHex(run(codec)))).size).toBe(1);
    fc.assert(
      fc.property(shapes, ({ seed, ...shape }) => {
        const random = new Random(seed);
        const { k, n, rowSize } = shape;
        const original = random.bytes(k * rowSize);
        same((codec) => codec.encode({ ...shape, original }));
        const parity = (codecs[0] as Codec).encode({ ...shape, original });
        const kept = random.choose(k, k + n);
        const rows = new Map(
          kept.map((i) => [
            i,
            i < k ? original.slice(i * rowSize, (i + 1) * rowSize) : parity.slice((i - k) * rowSize, (i - k + 1) * rowSize),
          ]),
        );
        same((codec) => codec.reconstruct({ ...shape, rows }));
      }),
      { numRuns: 30 },
    );
    fc.assert(
      fc.property(
        fc.nat(6),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 20 }),
        fc.nat(),
        (logK, doublings, units, seed) => {
          const k = 2 ** logK;
          const shape = { k, n: k * 2 ** doublings - k, rowSize: 64 * units };
          const original = new Random(seed).bytes(k * shape.rowSize);
          same((codec) => codec.extendAndCommit({ ...shape, original }).commitment);
          same((codec) => codec.extendAndCommit({ ...shape, original }).tree.hashes);
          same((codec) => codec.extendAndCommit({ ...shape, original }).rlcOriginal);
        },
      ),
      { numRuns: 30 },
    );
    for (let length = 0; length < 200; length++) {
      const data = new Random(length).bytes(length);
      same((codec) => codec.sha256(data));
      expect(toHex(scalar.sha256(data))).toBe(toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', data))));
    }
  });
});
