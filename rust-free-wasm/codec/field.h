// GF(2^16) as Leopard has it: elements are coordinates in a Cantor basis, so addition is XOR and the integers below 256 are the
// subfield GF(256). Inside the kernel a symbol is held in tower coordinates (low, high) = low + v8·high over GF(256), where
// v8 = 256 and v8² = v8 + v7; on the wire it is 16 plain bits, low = low bits ^ e(high bits), e(x) = low byte of 256·x.
#pragma once
#include "vector.h"

#define FIELD_ORDER 65536
#define FIELD_MODULUS 65535

/// Tables; they live in memory that the caller gives, so that threads on one memory can share them.
typedef struct {
  uint8_t product[256][32]; // c·x for x = 0..15, then c·(x << 4): the subfield
  uint8_t tower[32];        // e(x) for x = 0..15, then e(x << 4)
  uint16_t log[FIELD_ORDER];
  uint16_t exp[FIELD_ORDER]; // exp[65535] = exp[0], so that sums of logarithms need one folding only
} field;

/// The sum of two logarithms; may be 65535, which `exp` takes as 0.
INLINE uint32_t log_add(uint32_t a, uint32_t b) {
  uint32_t s = a + b;
  return (s + (s >> 16)) & 0xffff;
}
INLINE uint32_t log_subtract(uint32_t a, uint32_t b) {
  uint32_t d = a - b;
  return (d + (d >> 16)) & 0xffff;
}
INLINE uint32_t field_multiply(const field *f, uint32_t a, uint32_t b) { return a && b ? f->exp[log_add(f->log[a], f->log[b])] : 0; }

INLINE uint32_t subfield_multiply(const field *f, uint32_t c, uint32_t x) { return f->product[c][x & 15] ^ f->product[c][16 + (x >> 4)]; }
/// e(x)
INLINE uint32_t tower_low(const field *f, uint32_t x) { return f->tower[x & 15] ^ f->tower[16 + (x >> 4)]; }

/// Multiplication of symbols in tower coordinates by one constant c0 + v8·c1, in three products (Karatsuba):
/// low' = low·c0 + high·c1·v7, high' = low·c0 + (low + high)·(c0 + c1).
typedef struct {
  byte_product low, high, sum;
} symbol_product;

typedef struct {
  vec low, high;
} symbols;

INLINE symbol_product symbol_product_load(const field *f, uint32_t constant) {
  uint32_t c1 = constant >> 8, c0 = (constant & 255) ^ tower_low(f, c1);
  return (symbol_product){
      product_load(f->product[c0]),
      product_load(f->product[subfield_multiply(f, c1, 128)]),
      product_load(f->product[c0 ^ c1]),
  };
}
INLINE symbols symbol_product_of(symbol_product t, vec low, vec high) {
  vec a = product_of(t.low, low);
  return (symbols){vec_xor(a, product_of(t.high, high)), vec_xor(a, product_of(t.sum, vec_xor(low, high)))};
}
/// Constants below it and from 256 on have a product of their own, which takes a tenth less time, but more where each swizzle checks its indices.
#ifdef __wasm_relaxed_simd__
#define NEAR_END 512
#else
#define NEAR_END 256
#endif
/// The same by c0 + v8, which a third of the 16-bit twiddles are: of the four products that a constant stands for one is by 1, and of the rest two share
/// the nibbles of the high byte. low' = low·c0 + high·v7, high' = high·c0 + low + high.
typedef struct {
  byte_product low, v7;
} near_product;

INLINE near_product near_product_load(const field *f, uint32_t constant) {
  return (near_product){product_load(f->product[(constant & 255) ^ tower_low(f, 1)]), product_load(f->product[128])};
}
INLINE symbols near_product_of(near_product t, vec low, vec high) {
  nibbles n = nibbles_of(high);
  return (symbols){vec_xor(product_of(t.low, low), product_at(t.v7, n)), vec_xor(product_at(t.low, n), vec_xor(low, high))};
}
