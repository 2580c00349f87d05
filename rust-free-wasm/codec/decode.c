// Decoding. With L the polynomial whose roots are the erased positions, the products (value · L) are known everywhere: zero where a
// value is missing. Their formal derivative at an erased position is value · L', because L is zero there; so: multiply, inverse
// transform, derive, forward transform, divide by L'. Logarithms of L and L' at all positions are one XOR convolution.
//
// Only positions [base, base + q) are wanted. A step of the forward transform and the derivative D commute with taking one half:
// from (left, right) with twiddle c, the lower half of the result is made of D(left + c·right) + right, the upper half has c + 1.
// So n/q chunks of q coefficients fold to two, A and B, of which D(A) + B is transformed. Folding and the layers above q of the inverse
// transform meet whole chunks with scalars alone: A and B are sums of the chunks' own transforms, each times a factor.
#include "rows.h"
#include "transform.h"

static void walsh_hadamard(uint16_t *values, uint32_t n) {
  for (uint32_t d = 1; d < n; d *= 2)
    for (uint32_t block = 0; block < n; block += 2 * d)
      for (uint32_t i = block; i < block + d; i++) {
        uint32_t a = values[i], b = values[i + d];
        values[i] = log_add(a, b);
        values[i + d] = log_subtract(a, b);
      }
}

/// In: values[i] = 1 where position i is erased, else 0. Out: logarithm of L (of L' at erased positions). n is a power of two;
/// `work` has room for as many values.
EXPORT(decode_locator) void decode_locator(const field *f, uint16_t *values, uint16_t *work, uint32_t n) {
  __builtin_memcpy(work, f->log, 2 * n);
  work[0] = 0;
  walsh_hadamard(work, n);
  walsh_hadamard(values, n);
  const uint32_t inverse_n = FIELD_ORDER / n; // 65536 = 1 modulo 65535
  for (uint32_t i = 0; i < n; i++) values[i] = (uint32_t)values[i] * work[i] % FIELD_MODULUS * inverse_n % FIELD_MODULUS;
  walsh_hadamard(values, n);
}

// a ^= source · in_a and b ^= source · in_b over `rows` rows; what a `fresh` a and b hold is not read.
static void rows_fold(const field *f, uint8_t *a, uint8_t *b, const uint8_t *source, uint32_t rows, uint32_t width, uint32_t in_a,
                      uint32_t in_b, int fresh) {
  if (in_a < 256 && in_b < 256) {
    const byte_product ta = product_load(f->product[in_a]), tb = product_load(f->product[in_b]);
    for (uint32_t i = 0; i < rows * width; i += 16) {
      const nibbles v = nibbles_of(vec_load(source + i));
      vec va = product_at(ta, v), vb = product_at(tb, v);
      if (!fresh) va = vec_xor(va, vec_load(a + i)), vb = vec_xor(vb, vec_load(b + i));
      vec_store(a + i, va);
      vec_store(b + i, vb);
    }
    return;
  }
  if (fresh) { // more than 128 chunks: a code with few original rows
    __builtin_memset(a, 0, rows * width);
    __builtin_memset(b, 0, rows * width);
  }
  for (uint32_t i = 0; i < rows; i++) {
    row_multiply_add(f, a + i * width, source + i * width, width, in_a);
    row_multiply_add(f, b + i * width, source + i * width, width, in_b);
  }
}

typedef struct {
  uint32_t n;     // positions of the code
  uint32_t q;     // rows of the part that is wanted, at positions base.. (a multiple of q)
  uint32_t base;
  uint32_t first; // position of the first original row
  uint32_t k;
  row_counts present; // over the n positions
  row_counts missing; // original rows that are not there, over the q positions from base
} decode_plan;

// The factors of each of `chunks` chunks in A and in B. Those of coefficients come by the folds, one for each bit of a chunk's number;
// those of the chunks before the upper layers by these layers, transposed.
static void chunk_factors(const field *f, uint16_t *in_a, uint16_t *in_b, uint32_t chunks, uint32_t base) {
  in_a[0] = 1;
  in_b[0] = 0;
  for (uint32_t half = 1; half < chunks; half *= 2)
    for (uint32_t i = 0; i < half; i++) {
      in_a[half + i] = field_multiply(f, in_a[i], base / half);
      in_b[half + i] = field_multiply(f, in_b[i], base / half) ^ in_a[i];
    }
  for (uint32_t d = chunks / 2; d > 0; d /= 2)
    for (uint32_t block = 0; block < chunks; block += 2 * d)
      for (uint32_t i = block; i < block + d; i++) {
        in_a[i + d] ^= field_multiply(f, in_a[i], block / d);
        in_a[i] ^= in_a[i + d];
        in_b[i + d] ^= field_multiply(f, in_b[i], block / d);
        in_b[i] ^= in_b[i + d];
      }
}

// work = wire · constant, in tower coordinates
INLINE void row_gather_product(const field *f, uint8_t *work, const uint8_t *wire, uint32_t width, uint32_t constant) {
  const byte_product e = product_load(f->tower);
  const symbol_product t = symbol_product_load(f, constant);
  for (uint32_t unit = 0, half = width / 2; unit < half; unit += 32, wire += 64)
#pragma clang loop unroll(full)
    for (uint32_t i = 0; i < 32; i += 16) {
      const vec high = vec_load(wire + 32 + i);
      const symbols p = symbol_product_of(t, vec_xor(vec_load(wire + i), product_of(e, high)), high);
      vec_store(work + unit + i, p.low);
      vec_store(work + half + unit + i, p.high);
    }
}

// Rows of one chunk, times L, to their coefficients.
static void chunk_coefficients(const field *f, const decode_plan *p, const uint32_t *rows, const uint16_t *locator, uint8_t *work,
                               uint32_t at, uint32_t column, uint32_t width) {
  const uint32_t block = block_rows(p->q, width);
  for (uint32_t r = 0; r < p->q; r += block) {
    for (uint32_t i = r; i < r + block; i++) {
      uint8_t *w = work + i * width;
      if (rows[at + i]) {
        row_gather_product(f, w, (const uint8_t *)rows[at + i] + column, width, f->exp[locator[at + i]]);
      } else __builtin_memset(w, 0, width);
    }
    if (any_row(p->present, at + r, at + r + block))
      transform_inverse(f, work + r * width, block, width, at + r, 1, block, p->present + at + r);
  }
  transform_inverse(f, work, p->q, width, at, block, p->q, p->present + at);
}

static void decode_columns(const field *f, const decode_plan *p, const uint32_t *rows, const uint16_t *locator, const uint16_t *factors,
                           uint8_t *out, uint8_t *work, uint32_t column, uint32_t stride, uint32_t width) {
  const uint32_t chunks = p->n / p->q, span_of_chunk = p->q * width;
  uint8_t *extra = work + span_of_chunk, *next = extra + span_of_chunk;
  if (chunks == 1) chunk_coefficients(f, p, rows, locator, work, 0, column, width);
  int fresh = 1;
  for (uint32_t chunk = 0; chunk < chunks && chunks > 1; chunk++) {
    if (!any_row(p->present, chunk * p->q, (chunk + 1) * p->q)) continue;
    chunk_coefficients(f, p, rows, locator, next, chunk * p->q, column, width);
    rows_fold(f, work, extra, next, p->q, width, factors[chunk], factors[chunks + chunk], fresh);
    fresh = 0;
  }
  for (uint32_t i = 1; i < p->q; i++) {
    const uint32_t span = (i & -i) * width;
    bytes_xor(work + i * width - span, work + i * width, span);
  }
  if (chunks > 1) bytes_xor(work, extra, span_of_chunk);

  const uint32_t from = p->first - p->base, small = block_rows(p->q, width);
  transform_forward(f, work, work, p->q, width, p->base, small, p->q, p->missing);
  for (uint32_t r = 0; r < p->q; r += small)
    if (any_row(p->missing, r, r + small))
      transform_forward(f, work + r * width, work + r * width, small, width, p->base + r, 1, small, p->missing + r);
  for (uint32_t i = 0; i < p->k; i++) {
    const uint32_t position = p->first + i;
    if (rows[position]) continue;
    uint8_t *w = work + (from + i) * width;
    row_multiply(f, w, w, width, f->exp[FIELD_MODULUS - locator[position]]);
    row_scatter(f, out + i * stride + column, w, width, UNITS, 1);
  }
}

/// Missing original rows, columns [row_from, row_to), to their places at `out`. `rows[i]` is the address of the row at position i or 0;
/// `locator` as above; `present` and `missing` as in the plan, n + 1 and q + 1 counts; `factors` has room for 2n / q, `work` for 3q · width bytes
/// (for q · width if q = n).
EXPORT(decode) void decode(const field *f, const uint32_t *rows, const uint16_t *locator, const uint32_t *present, const uint32_t *missing,
                           uint16_t *factors, uint8_t *out, uint8_t *work, uint32_t n, uint32_t q, uint32_t base, uint32_t first, uint32_t k,
                           uint32_t row_size, uint32_t width, uint32_t from, uint32_t to) {
  const decode_plan p = {n, q, base, first, k, present, missing};
  chunk_factors(f, factors, factors + n / q, n / q, base / q);
  for (uint32_t column = from; column < to; column += width)
    decode_columns(f, &p, rows, locator, factors, out, work, column, row_size, to - column < width ? to - column : width);
}

/// The same for few missing rows, by Lagrange's formula: with P the polynomial whose roots are the positions that are present, P' = c / L
/// there and P = c / L' at the erased ones, so that a value at e is the sum of value_i · L(i) / (L'(e) · (e − i)). `positions` are those of
/// the `count` missing rows; `work` has room for (count + 1) · width bytes.
EXPORT(decode_few) void decode_few(const field *f, const uint32_t *rows, const uint16_t *locator, const uint32_t *positions, uint32_t count,
                                   uint8_t *out, uint8_t *work, uint32_t n, uint32_t first, uint32_t row_size, uint32_t width,
                                   uint32_t from, uint32_t to) {
  for (uint32_t column = from; column < to; column += width) {
    const uint32_t part = to - column < width ? to - column : width;
    uint8_t *row = work, *sums = work + width;
    __builtin_memset(sums, 0, count * width);
    for (uint32_t i = 0; i < n; i++) {
      if (!rows[i]) continue;
      row_gather(f, row, (const uint8_t *)rows[i] + column, part, UNITS);
      for (uint32_t j = 0; j < count; j++) {
        const uint32_t e = positions[j], divisor = log_add(locator[e], f->log[e ^ i]);
        row_multiply_add(f, sums + j * width, row, part, f->exp[log_subtract(locator[i], divisor)]);
      }
    }
    for (uint32_t j = 0; j < count; j++)
      row_scatter(f, out + (positions[j] - first) * row_size + column, sums + j * width, part, UNITS, 1);
  }
}
