/** Multiplies one matrix: `out[r]` is the sum over c of weight [r][c] times `x[c]`, as a 32-bit integer. Both arrays have the matrix's sizes. */
export type Multiply = (x: Int16Array, out: Int32Array) => void;

/** Who multiplies: TypeScript, or a kernel in WebAssembly; sums of integers are the same in any order. */
export interface MatrixKernel {
  /** @param weights row after row; a kernel may copy them @param rows a multiple of 4 @param columns a multiple of 16 */
  hold(weights: Int8Array, rows: number, columns: number): Multiply;
}

/** The reference, for engines without SIMD too. */
export const scalarMatrices: MatrixKernel = {
  hold(weights, rows, columns) {
    return (x, out) => {
      for (let r = 0, at = 0; r < rows; r++) {
        let sum = 0;
        for (let c = 0; c < columns; c++) sum = (sum + Math.imul(weights[at++] as number, x[c] as number)) | 0;
        out[r] = sum;
      }
    };
  },
};
