// Products of an int8 matrix and a vector of 16-bit integers (docs/model.md). Sums are modulo 2^32, so their order does not matter; the host
// keeps them below 2^31.
#include <stdint.h>
#include <wasm_simd128.h>

#define EXPORT(name) __attribute__((export_name(#name), used))
#define INLINE static inline __attribute__((always_inline))

/// Adds sixteen products to four partial sums.
INLINE v128_t add_products(v128_t sum, const int8_t *weights, v128_t low, v128_t high) {
  v128_t w = wasm_v128_load(weights);
  sum = wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(wasm_i16x8_extend_low_i8x16(w), low));
  return wasm_i32x4_add(sum, wasm_i32x4_dot_i16x8(wasm_i16x8_extend_high_i8x16(w), high));
}

INLINE v128_t add_pairs(v128_t a, v128_t b) {
  return wasm_i32x4_add(wasm_i32x4_shuffle(a, b, 0, 2, 4, 6), wasm_i32x4_shuffle(a, b, 1, 3, 5, 7));
}

/// out[r] = sum of weights[r][c] * x[c]. `rows` is a multiple of 4, `columns` one of 16.
EXPORT(multiply) void multiply(const int8_t *weights, int rows, int columns, const int16_t *x, int32_t *out) {
  for (int r = 0; r < rows; r += 4, weights += 4 * columns) {
    v128_t a = wasm_i32x4_const_splat(0), b = a, c = a, d = a;
    for (int i = 0; i < columns; i += 16) {
      v128_t low = wasm_v128_load(x + i), high = wasm_v128_load(x + i + 8);
      a = add_products(a, weights + i, low, high);
      b = add_products(b, weights + columns + i, low, high);
      c = add_products(c, weights + 2 * columns + i, low, high);
      d = add_products(d, weights + 3 * columns + i, low, high);
    }
    wasm_v128_store(out + r, add_pairs(add_pairs(a, b), add_pairs(c, d)));
  }
}
