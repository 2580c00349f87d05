// C (+)= A * B in single precision. Multiplications and additions are separate instructions, and each element is summed in ascending k,
// so the result is the same on every machine: that is why there is no relaxed build of this.
#pragma once
#include <wasm_simd128.h>

#define INLINE static inline __attribute__((always_inline))

/// Four rows by `vectors` * 4 columns. A has a stride for each of its indices, so that it may be read transposed.
INLINE void tile(const int vectors, int k_count, const float *a, int a_row, int a_k, const float *b, int b_row, float *c, int c_row,
                 int add) {
  v128_t sum[4][3];
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) sum[i][j] = add ? wasm_v128_load(c + i * c_row + 4 * j) : wasm_f32x4_const_splat(0);
  for (int k = 0; k < k_count; k++, a += a_k, b += b_row) {
    v128_t column[3];
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) column[j] = wasm_v128_load(b + 4 * j);
#pragma clang loop unroll(full)
    for (int i = 0; i < 4; i++) {
      v128_t factor = wasm_v128_load32_splat(a + i * a_row);
#pragma clang loop unroll(full)
      for (int j = 0; j < vectors; j++) sum[i][j] = wasm_f32x4_add(sum[i][j], wasm_f32x4_mul(factor, column[j]));
    }
  }
#pragma clang loop unroll(full)
  for (int i = 0; i < 4; i++)
#pragma clang loop unroll(full)
    for (int j = 0; j < vectors; j++) wasm_v128_store(c + i * c_row + 4 * j, sum[i][j]);
}

/// `rows` and `columns` are multiples of 4.
static void gemm(int rows, int columns, int k_count, const float *a, int a_row, int a_k, const float *b, int b_row, float *c, int c_row,
                 int add) {
  int n = 0;
  for (; n + 12 <= columns; n += 12)
    for (int m = 0; m < rows; m += 4) tile(3, k_count, a + m * a_row, a_row, a_k, b + n, b_row, c + m * c_row + n, c_row, add);
  if (columns - n == 8)
    for (int m = 0; m < rows; m += 4) tile(2, k_count, a + m * a_row, a_row, a_k, b + n, b_row, c + m * c_row + n, c_row, add);
  else if (columns - n == 4)
    for (int m = 0; m < rows; m += 4) tile(1, k_count, a + m * a_row, a_row, a_k, b + n, b_row, c + m * c_row + n, c_row, add);
}
