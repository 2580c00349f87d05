import { loadModel, type MatrixKernel, scalarMatrices } from '@perigee/light-core/model';
import { fromBase64, toHex } from '@perigee/wire';
import { loadMatrices } from '@perigee/workers/matrices';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import tiny from '../../../../tests/vectors/model.json' with { type: 'json' };
import committed from '../../../../tests/vectors/model-answers.json' with { type: 'json' };
import { answer, type StoredAnswer } from './answers.ts';
import { committedWeights } from './committed.ts';

/** TypeScript, and the kernel where the engine has SIMD. */
async function kernels(): Promise<readonly (readonly [name: string, kernel: MatrixKernel])[]> {
  const simd = await loadMatrices();
  return [['scalar', scalarMatrices], ...(simd === undefined ? [] : [['simd', simd] as const])];
}

describe('the int8 model gives the same bytes everywhere', () => {
  it('has both kernels in the engines of these tests', async () => {
    expect((await kernels()).map(([name]) => name)).toEqual(['scalar', 'simd']);
  });

  it('multiplies any matrix alike', async () => {
    const simd = (await loadMatrices()) as MatrixKernel;
    const sizes = fc.tuple(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 1, max: 12 }));
    const cases = sizes.chain(([fours, sixteens]) =>
      fc.record({
        weights: fc.int8Array({ minLength: 64 * fours * sixteens, maxLength: 64 * fours * sixteens }),
        x: fc.int16Array({ min: -16_383, max: 16_383, minLength: 16 * sixteens, maxLength: 16 * sixteens }),
        rows: fc.constant(4 * fours),
      }),
    );
    const product = (kernel: MatrixKernel, weights: Int8Array, rows: number, x: Int16Array): number[] => {
      const out = new Int32Array(rows);
      kernel.hold(weights, rows, x.length)(x, out);
      return [...out];
    };
    fc.assert(
      fc.property(cases, ({ weights, rows, x }) => {
        expect(product(simd, weights, rows, x)).toEqual(product(scalarMatrices, weights, rows, x));
      }),
      { numRuns: 60 },
    );
    // the largest sums there are
    const [weights, x] = [new Int8Array(4 * 1_024).fill(-128), new Int16Array(1_024).fill(-16_383)];
    expect(product(simd, weights, 4, x)).toEqual([1, 1, 1, 1].map(() => 128 * 16_383 * 1_024));
    expect(product(scalarMatrices, weights, 4, x)).toEqual([1, 1, 1, 1].map(() => 128 * 16_383 * 1_024));
  });

  it('answers as is stored, with a tiny model', async () => {
    const file = fromBase64(tiny.weights);
    for (const [, kernel] of await kernels()) check(file, kernel, tiny.answers as readonly StoredAnswer[]);
  });

  it('answers as is stored, with the committed model', async () => {
    const file = await committedWeights();
    expect(toHex(new Uint8Array(await crypto.subtle.digest('SHA-256', file)))).toBe(committed.sha256);
    for (const [, kernel] of await kernels()) check(file, kernel, committed.answers as readonly StoredAnswer[]);
  });
});

function check(file: Uint8Array, kernel: MatrixKernel, answers: readonly StoredAnswer[]): void {
  const model = loadModel(file, kernel);
  for (const { prompt, parameters, ...stored } of answers) {
    const given = answer(model, prompt, parameters);
    expect({ ...given, bytes: toHex(given.bytes) }).toEqual(stored);
  }
}
