// Random linear combinations of rsema1d: Σ symbol_i · coefficient_i, where a coefficient is 8 elements of GF(2^16) drawn from a seed.
//
// By planes: with S_k the XOR of the coefficients whose symbol has bit k, the combination is Σ v_k · S_k. So only 16 products are
// left a row, and S_k is looked up 4 or 8 columns at a time in tables that all 16 planes and all rows share. A coefficient is kept in
// tower coordinates as 16 bytes: 8 low bytes, 8 high bytes.
#include "field.h"
#include "hash/sha256.h"

#define UNIT_SYMBOLS 32 // symbols of a 64-byte unit of a row
#define STRIP_UNITS 16  // units whose 8-column tables (16 KiB each) are held at once while all rows pass

/// `count` coefficients: h = H(seed ‖ LE32 i), element k = LE16(h[2k..]) + LE16(h[16 + 2k..]).
EXPORT(rlc_coefficients) void rlc_coefficients(const field *f, const uint8_t *seed, uint32_t count, uint8_t *out) {
  uint8_t blocks[4 * 64], hashes[4 * 32];
  byte_product e = product_load(f->tower);
  __builtin_memset(blocks, 0, sizeof blocks);
  for (int i = 0; i < 4; i++) {
    __builtin_memcpy(blocks + 64 * i, seed, 32);
    blocks[64 * i + 36] = 0x80;
    blocks[64 * i + 62] = 36 * 8 >> 8;
    blocks[64 * i + 63] = 36 * 8 & 255;
  }
  for (uint32_t first = 0; first < count; first += 4) { // rows are whole units, so count is a multiple of 32
    for (uint32_t i = 0; i < 4; i++) {
      const uint32_t number = first + i;
      __builtin_memcpy(blocks + 64 * i + 32, &number, 4);
    }
    sha256_blocks(blocks, 4, hashes);
    for (uint32_t i = 0; i < 4; i++) {
      vec planes = vec_split_words(vec_xor(vec_load(hashes + 32 * i), vec_load(hashes + 32 * i + 16)));
      vec low = vec_xor(planes, product_of(e, vec_swap_halves(planes)));
      vec_store(out + 16 * (first + i), vec_halves(low, planes));
    }
  }
}

// table[mask] = XOR of the coefficients whose bit is set in mask
INLINE void subset_sums(vec *table, const uint8_t *coefficients, uint32_t columns) {
  table[0] = vec_zero();
  for (uint32_t i = 0; i < columns; i++) {
    const vec c = vec_load(coefficients + 16 * i);
    for (uint32_t mask = 0; mask < 1u << i; mask++) table[(1u << i) + mask] = vec_xor(table[mask], c);
  }
}

// sums[k] ^= S_k for the 8 planes of one byte of the symbols; `plane` is that byte of the first unit's symbols
INLINE void accumulate(vec *sums, const vec *tables, const uint8_t *plane, uint32_t units, uint32_t columns) {
  vec s[8];
  for (int k = 0; k < 8; k++) s[k] = sums[k];
  for (uint32_t unit = 0; unit < units; unit++, plane += 64, tables += UNIT_SYMBOLS / columns << columns) {
    vec x = vec_load(plane), y = vec_load(plane + 16);
#pragma clang loop unroll(full)
    for (int k = 7; k >= 0; k--) {
      const uint32_t m = vec_top_bits(x), n = vec_top_bits(y);
      vec a, b;
      if (columns == 8) {
        a = vec_xor(tables[m & 255], tables[256 + (m >> 8)]);
        b = vec_xor(tables[512 + (n & 255)], tables[768 + (n >> 8)]);
      } else {
        a = vec_xor(vec_xor(tables[m & 15], tables[16 + (m >> 4 & 15)]), vec_xor(tables[32 + (m >> 8 & 15)], tables[48 + (m >> 12)]));
        b = vec_xor(vec_xor(tables[64 + (n & 15)], tables[80 + (n >> 4 & 15)]), vec_xor(tables[96 + (n >> 8 & 15)], tables[112 + (n >> 12)]));
      }
      s[k] = vec_xor(s[k], vec_xor(a, b));
      x = vec_shift_bytes_left1(x);
      y = vec_shift_bytes_left1(y);
    }
  }
  for (int k = 0; k < 8; k++) sums[k] = s[k];
}

// Σ v_k · S_k, 8 elements as plain little-endian words. With v_{8+k} = e(v_k) + v8·v_k all products but the last are in GF(256).
INLINE vec combine(const field *f, const vec *sums) {
  vec low = vec_zero(), high = vec_zero();
  for (uint32_t k = 0; k < 8; k++) {
    vec s = sums[k];
    for (uint32_t i = 0; i < 8; i++)
      if (tower_low(f, 1u << i) >> k & 1) s = vec_xor(s, sums[8 + i]);
    const byte_product v = product_load(f->product[1u << k]);
    low = vec_xor(low, product_of(v, s));
    high = vec_xor(high, product_of(v, sums[8 + k]));
  }
  // v8 · (a + v8·b) = v7·b + v8·(a + b)
  const vec swapped = vec_swap_halves(high);
  const vec times_v8 = vec_halves(product_of(product_load(f->product[128]), swapped), vec_xor(high, swapped));
  const vec sum = vec_xor(low, times_v8);
  const vec bits = vec_xor(sum, product_of(product_load(f->tower), vec_swap_halves(sum)));
  return vec_join_words(vec_halves(bits, sum));
}

/// Tables for `rlc_check`: 64 bytes a symbol.
EXPORT(rlc_tables) void rlc_tables(const uint8_t *coefficients, uint32_t count, uint8_t *tables) {
  for (uint32_t i = 0; i < count; i += 4) subset_sums((vec *)(tables + 64 * i), coefficients + 16 * i, 4);
}

/// Is the combination of each row the one in `extended` at its index? verdicts[i] = 1 if so, else 0.
EXPORT(rlc_check) void rlc_check(const field *f, const uint8_t *tables, const uint8_t *extended, const uint8_t *rows, uint32_t count,
                                 uint32_t row_size, const uint32_t *indices, uint8_t *verdicts) {
  for (uint32_t r = 0; r < count; r++, rows += row_size) {
    vec sums[16];
    for (int k = 0; k < 16; k++) sums[k] = vec_zero();
    for (int byte = 0; byte < 2; byte++) accumulate(sums + 8 * byte, (const vec *)tables, rows + 32 * byte, row_size / 64, 4);
    verdicts[r] = vec_equal(combine(f, sums), vec_load(extended + 16 * indices[r]));
  }
}

EXPORT(rlc_work_bytes) uint32_t rlc_work_bytes(uint32_t count) { return STRIP_UNITS * 4 * 256 * 16 + count * 256; }

/// Combinations of `count` rows that lie one after another, 16 bytes each.
EXPORT(rlc_rows) void rlc_rows(const field *f, const uint8_t *coefficients, const uint8_t *rows, uint32_t count, uint32_t row_size,
                               uint8_t *work, uint8_t *out) {
  vec *tables = (vec *)work, *sums = tables + STRIP_UNITS * 4 * 256;
  for (uint32_t i = 0; i < 16 * count; i++) sums[i] = vec_zero();
  for (uint32_t unit = 0; unit < row_size / 64; unit += STRIP_UNITS) {
    const uint32_t rest = row_size / 64 - unit, units = rest < STRIP_UNITS ? rest : STRIP_UNITS;
    for (uint32_t group = 0; group < 4 * units; group++)
      subset_sums(tables + 256 * group, coefficients + 16 * (unit * UNIT_SYMBOLS + 8 * group), 8);
    for (uint32_t r = 0; r < count; r++)
      for (int byte = 0; byte < 2; byte++)
        accumulate(sums + 16 * r + 8 * byte, tables, rows + r * row_size + 64 * unit + 32 * byte, units, 8);
  }
  for (uint32_t r = 0; r < count; r++) vec_store(out + 16 * r, combine(f, sums + 16 * r));
}

/// Leaf hashes H(00 ‖ combination) of `count` combinations.
EXPORT(rlc_leaves) void rlc_leaves(const uint8_t *combinations, uint32_t count, uint8_t *out) {
  uint8_t blocks[4 * 64];
  __builtin_memset(blocks, 0, sizeof blocks);
  for (uint32_t first = 0; first < count; first += 4) {
    const uint32_t lanes = count - first < 4 ? count - first : 4;
    for (uint32_t i = 0; i < lanes; i++) {
      __builtin_memcpy(blocks + 64 * i + 1, combinations + 16 * (first + i), 16);
      blocks[64 * i + 17] = 0x80;
      blocks[64 * i + 63] = 17 * 8;
    }
    sha256_blocks(blocks, lanes, out + 32 * first);
  }
}
