// Between rows as they are on the wire and work rows of the transform. A wire row is a chain of 64-byte units: 32 low bytes of 32
// symbols, then their 32 high bytes. A combination (`rlc.c`) is one wire row of 8 symbols, plain little-endian, 16 bytes.
#pragma once
#include "field.h"

typedef enum { UNITS, COMBINATION } row_format;

#define COMBINATION_BYTES 16
#define COMBINATION_WIDTH 32

/// work = symbols of `width` wire bytes, in tower coordinates
INLINE void row_gather(const field *f, uint8_t *work, const uint8_t *wire, uint32_t width, row_format format) {
  byte_product e = product_load(f->tower);
  if (format == COMBINATION) {
    vec planes = vec_split_words(vec_load(wire)), high = vec_swap_halves(planes);
    vec_store(work, vec_halves(vec_xor(planes, product_of(e, high)), vec_zero()));
    vec_store(work + 16, vec_halves(high, vec_zero()));
    return;
  }
  for (uint32_t unit = 0, half = width / 2; unit < half; unit += 32, wire += 64)
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < 32; i += 16) {
      vec low = vec_load(wire + i), high = vec_load(wire + 32 + i);
      vec_store(work + unit + i, vec_xor(low, product_of(e, high)));
      vec_store(work + half + unit + i, high);
    }
}

/// wire = work · scale, out of tower coordinates; the scale is in GF(256), and 1 for combinations
INLINE void row_scatter(const field *f, uint8_t *wire, const uint8_t *work, uint32_t width, row_format format, uint32_t scale) {
  byte_product e = product_load(f->tower);
  if (format == COMBINATION) {
    vec low = vec_load(work), high = vec_load(work + 16);
    low = vec_xor(low, product_of(e, high));
    vec_store(wire, vec_join_words(vec_halves(low, vec_swap_halves(high))));
    return;
  }
  if (scale == 1) {
    for (uint32_t unit = 0, half = width / 2; unit < half; unit += 32, wire += 64)
#pragma clang loop unroll(full)
      for (uint32_t i = 0; i < 32; i += 16) {
        vec low = vec_load(work + unit + i), high = vec_load(work + half + unit + i);
        vec_store(wire + i, vec_xor(low, product_of(e, high)));
        vec_store(wire + 32 + i, high);
      }
    return;
  }
  uint8_t scaled[32]; // x → e(scale·x): a table is multiplied instead of the row
  for (int i = 0; i < 32; i += 16) vec_store(scaled + i, product_of(e, vec_load(f->product[scale] + i)));
  byte_product low_of = product_load(scaled), s = product_load(f->product[scale]);
  for (uint32_t unit = 0, half = width / 2; unit < half; unit += 32, wire += 64)
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < 32; i += 16) {
      nibbles high = nibbles_of(vec_load(work + half + unit + i));
      vec_store(wire + i, vec_xor(product_of(s, vec_load(work + unit + i)), product_at(low_of, high)));
      vec_store(wire + 32 + i, product_at(s, high));
    }
}
