// Sixteen bytes at a time: one interface, two bodies. With -msimd128 each function is one instruction; without, the same values
// come out of two 64-bit words, so that the scalar build runs where SIMD is missing.
#pragma once
#include <stdint.h>

#define EXPORT(name) __attribute__((export_name(#name), used))
#define INLINE static inline __attribute__((always_inline))

#ifdef __wasm_simd128__
#include <wasm_simd128.h>

typedef v128_t vec;
/// Multiplication of bytes by one constant of GF(256): products of the low and of the high nibble.
typedef struct {
  vec low, high;
} byte_product;

INLINE vec vec_load(const void *p) { return wasm_v128_load(p); }
INLINE void vec_store(void *p, vec v) { wasm_v128_store(p, v); }
INLINE vec vec_zero(void) { return wasm_i8x16_const_splat(0); }
INLINE vec vec_xor(vec a, vec b) { return wasm_v128_xor(a, b); }
/// Bytes 8-15 of v, then bytes 0-7.
INLINE vec vec_swap_halves(vec v) { return wasm_i64x2_shuffle(v, v, 1, 0); }
/// The low half of a, then the high half of b.
INLINE vec vec_halves(vec a, vec b) { return wasm_i64x2_shuffle(a, b, 0, 3); }
/// Eight little-endian 16-bit words to their low bytes, then their high bytes; and back.
INLINE vec vec_split_words(vec v) { return wasm_i8x16_shuffle(v, v, 0, 2, 4, 6, 8, 10, 12, 14, 1, 3, 5, 7, 9, 11, 13, 15); }
INLINE vec vec_join_words(vec v) { return wasm_i8x16_shuffle(v, v, 0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15); }
/// Bit j of the result is the top bit of byte j.
INLINE uint32_t vec_top_bits(vec v) { return wasm_i8x16_bitmask(v); }
INLINE vec vec_shift_bytes_left1(vec v) { return wasm_i8x16_add(v, v); }
INLINE int vec_equal(vec a, vec b) { return wasm_i8x16_all_true(wasm_i8x16_eq(a, b)); }

INLINE byte_product product_load(const uint8_t *table) {
  return (byte_product){wasm_v128_load(table), wasm_v128_load(table + 16)};
}
// Indices are always 0 to 15, where relaxed swizzle has one meaning on every machine.
#ifdef __wasm_relaxed_simd__
#define LOOK_UP(table, index) wasm_i8x16_relaxed_swizzle(table, index)
#else
#define LOOK_UP(table, index) wasm_i8x16_swizzle(table, index)
#endif
/// The low and the high nibble of each byte: what is multiplied by several constants is split once.
typedef struct {
  vec low, high;
} nibbles;
INLINE nibbles nibbles_of(vec v) {
  vec nibble = wasm_i8x16_const_splat(15);
  return (nibbles){wasm_v128_and(v, nibble), wasm_v128_and(wasm_u16x8_shr(v, 4), nibble)};
}
INLINE nibbles nibbles_xor(nibbles a, nibbles b) { return (nibbles){wasm_v128_xor(a.low, b.low), wasm_v128_xor(a.high, b.high)}; }
INLINE vec product_at(byte_product t, nibbles v) { return wasm_v128_xor(LOOK_UP(t.low, v.low), LOOK_UP(t.high, v.high)); }

#else

typedef struct {
  uint64_t low, high;
} vec;
typedef struct {
  const uint8_t *table;
} byte_product;

INLINE vec vec_load(const void *p) {
  vec v;
  __builtin_memcpy(&v, p, 16);
  return v;
}
INLINE void vec_store(void *p, vec v) { __builtin_memcpy(p, &v, 16); }
INLINE vec vec_zero(void) { return (vec){0, 0}; }
INLINE vec vec_xor(vec a, vec b) { return (vec){a.low ^ b.low, a.high ^ b.high}; }
INLINE vec vec_swap_halves(vec v) { return (vec){v.high, v.low}; }
INLINE vec vec_halves(vec a, vec b) { return (vec){a.low, b.high}; }
INLINE vec vec_split_words(vec v) {
  uint8_t in[16], out[16];
  vec_store(in, v);
  for (int i = 0; i < 8; i++) out[i] = in[2 * i], out[8 + i] = in[2 * i + 1];
  return vec_load(out);
}
INLINE vec vec_join_words(vec v) {
  uint8_t in[16], out[16];
  vec_store(in, v);
  for (int i = 0; i < 8; i++) out[2 * i] = in[i], out[2 * i + 1] = in[8 + i];
  return vec_load(out);
}
// The product moves the top bit of byte j to bit 56 + j.
INLINE uint32_t top_bits(uint64_t word) { return (uint32_t)(((word >> 7 & 0x0101010101010101ull) * 0x0102040810204080ull) >> 56); }
INLINE uint32_t vec_top_bits(vec v) { return top_bits(v.low) | top_bits(v.high) << 8; }
INLINE vec vec_shift_bytes_left1(vec v) {
  const uint64_t keep = 0x7f7f7f7f7f7f7f7full;
  return (vec){(v.low & keep) << 1, (v.high & keep) << 1};
}
INLINE int vec_equal(vec a, vec b) { return a.low == b.low && a.high == b.high; }

INLINE byte_product product_load(const uint8_t *table) { return (byte_product){table}; }
INLINE uint64_t product_of_word(const uint8_t *table, uint64_t word) {
  uint64_t out = 0;
#pragma clang loop unroll(full)
  for (int i = 0; i < 64; i += 8) {
    uint32_t low = word >> i & 15, high = word >> (i + 4) & 15;
    out |= (uint64_t)(table[low] ^ table[16 + high]) << i;
  }
  return out;
}
typedef vec nibbles;
INLINE nibbles nibbles_of(vec v) { return v; }
INLINE nibbles nibbles_xor(nibbles a, nibbles b) { return vec_xor(a, b); }
INLINE vec product_at(byte_product t, nibbles v) { return (vec){product_of_word(t.table, v.low), product_of_word(t.table, v.high)}; }

#endif

INLINE vec product_of(byte_product t, vec v) { return product_at(t, nibbles_of(v)); }
