import { MAX_MODEL_COLUMNS, MAX_MODEL_VOCABULARY, MAX_WEIGHTS_BYTES, PerigeeError } from '@perigee/wire';
import { Arena } from './arena.ts';

/** What `rust-free-wasm/model` exports. */
interface MatrixExports {
  readonly __heap_base: WebAssembly.Global<'i32'>;
  multiply(weights: number, rows: number, columns: number, x: number, out: number): void;
}

/** Products of int8 matrices with vectors of 16-bit integers. One kernel belongs to one thread. */
export interface Matrices {
  /**
   * Keeps a copy of a matrix in its memory, for as long as the kernel is there.
   *
   * @param weights row after row @param rows a multiple of 4, at most MAX_MODEL_VOCABULARY @param columns a multiple of 16, at most MAX_MODEL_COLUMNS
   * @returns what multiplies it: `out[r]` is the sum over c of weight [r][c] times `x[c]`, modulo 2^32
   * @throws INVALID_ARGUMENT by sizes that are not so; OUT_OF_MEMORY
   */
  hold(weights: Int8Array, rows: number, columns: number): (x: Int16Array, out: Int32Array) => void;
}

const INITIAL_PAGES = 4;
/** Besides weights: the stack, a vector in and a vector out. */
const MAX_MEMORY_BYTES = MAX_WEIGHTS_BYTES + 65_536 * INITIAL_PAGES;

/** @param options `module`: `@perigee/wasm-codec/wasm/model.simd.wasm`, compiled */
export function createMatrices({ module }: { readonly module: WebAssembly.Module }): Matrices {
  const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAX_MEMORY_BYTES / 65_536 });
  // the module's import of this memory and its exports are both fixed by rust-free-wasm
  const kernel = new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as MatrixExports;
  const arena = new Arena(memory, kernel.__heap_base.value, MAX_MEMORY_BYTES);
  const inputAt = arena.allocate(2 * MAX_MODEL_COLUMNS);
  const outputAt = arena.allocate(4 * MAX_MODEL_VOCABULARY);
  return {
    hold(weights, rows, columns) {
      const right = (count: number, unit: number, most: number): boolean => count > 0 && count % unit === 0 && count <= most;
      if (!right(rows, 4, MAX_MODEL_VOCABULARY) || !right(columns, 16, MAX_MODEL_COLUMNS) || weights.length !== rows * columns)
        throw new PerigeeError(
          'INVALID_ARGUMENT',
          `${weights.length} weights are no matrix of ${rows} by ${columns} for this kernel`,
        );
      const at = arena.allocate(weights.length);
      new Int8Array(memory.buffer, at, weights.length).set(weights);
      return (x, out) => {
        if (x.length !== columns || out.length !== rows)
          throw new PerigeeError(
            'INVALID_ARGUMENT',
            `${x.length} numbers in, ${out.length} out, for a matrix of ${rows} by ${columns}`,
          );
        // views of their own: memory may have grown since
        new Int16Array(memory.buffer, inputAt, columns).set(x);
        kernel.multiply(at, rows, columns, inputAt, outputAt);
        out.set(new Int32Array(memory.buffer, outputAt, rows));
      };
    },
  };
}
