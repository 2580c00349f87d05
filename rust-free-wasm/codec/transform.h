// The additive FFT of Lin, Al-Naffouri, Han and Chung (2016) in Leopard's order, over rows of work memory. A work row holds
// `width` bytes in tower coordinates: width/2 low bytes, then width/2 high bytes; width is a multiple of 32.
//
// In a Cantor basis the twiddle of block b is the integer 2b in every layer, so there is no twiddle table; and as long as 2b < 256
// it lies in GF(256), where a product acts on bytes alike: half the work, and few enough registers for two layers at a time.
#pragma once
#include "field.h"

/// Which rows of a transform matter: before[i] = how many of the rows 0..i−1 do. A null pointer stands for all of them.
typedef const uint32_t *row_counts;
INLINE int any_row(row_counts before, uint32_t from, uint32_t to) { return !before || before[from] != before[to]; }
INLINE row_counts counts_from(row_counts before, uint32_t row) { return before ? before + row : 0; }

/// Rows [0, n) at positions offset.. from values to coefficients. Layers of distance first, 2·first, .. n/2; rows from `used` on are
/// zero, and so are those that are not `present`.
void transform_inverse(const field *f, uint8_t *work, uint32_t n, uint32_t width, uint32_t offset, uint32_t first, uint32_t used,
                       row_counts present);

/// From coefficients to values. Layers of distance n/2 .. last; only rows before `to` that are `wanted` need come out right. The
/// coefficients are read from `source`: the work rows themselves, or others that stay as they are.
void transform_forward(const field *f, uint8_t *work, const uint8_t *source, uint32_t n, uint32_t width, uint32_t offset, uint32_t last,
                       uint32_t to, row_counts wanted);

/// Where the inverse transform at positions n.. turns into the forward one at 0..: the last layer of the one and the first two of the
/// other, radix-8 with all twiddles but one 0. n is at least 4.
void transform_turn(const field *f, uint8_t *work, uint32_t n, uint32_t width);

/// target ^= source · constant over one work row
void row_multiply_add(const field *f, uint8_t *target, const uint8_t *source, uint32_t width, uint32_t constant);
/// target = source · constant; the two may be one row
void row_multiply(const field *f, uint8_t *target, const uint8_t *source, uint32_t width, uint32_t constant);

/// target ^= source over any multiple of 32 bytes
INLINE void bytes_xor(uint8_t *target, const uint8_t *source, uint32_t length) {
  for (uint32_t i = 0; i < length; i += 32) {
    vec a = vec_xor(vec_load(target + i), vec_load(source + i)), b = vec_xor(vec_load(target + i + 16), vec_load(source + i + 16));
    vec_store(target + i, a);
    vec_store(target + i + 16, b);
  }
}

/// Rows that fit the first-level cache together: the low layers of a transform run on so many before the next are touched.
INLINE uint32_t block_rows(uint32_t n, uint32_t width) {
  uint32_t rows = n;
  while (rows > 1 && rows * width > 16384) rows >>= 1;
  return rows;
}
