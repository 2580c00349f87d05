// Decoding. With L the polynomial whose roots are the erased positions, the products (value · L) are known everywhere: zero where a
// value is missing. Their formal derivative at an erased position is value · L', because L is zero there; so: multiply, inverse
// transform, derive, forward transform, divide by L'. Logarithms of L and L' at all positions are one XOR convolution.
//
// Only positions [base, base + q) are wanted. A step of the forward transform and the derivative D commute with taking one half:
// from (left, right) with twiddle c, the lower half of the result is made of D(left + c·right) + right, the upper half has c + 1.
// So the n coefficients are folded to q before the derivative, and the forward transform is one of q rows.
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

static void rows_multiply_add(const field *f, uint8_t *target, const uint8_t *source, uint32_t rows, uint32_t width, uint32_t constant) {
  if (constant == 1) bytes_xor(target, source, rows * width);
  if (constant <= 1) return;
  for (uint32_t i = 0; i < rows; i++) row_multiply_add(f, target + i * width, source + i * width, width, constant);
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

static void decode_columns(const field *f, const decode_plan *p, const uint32_t *rows, const uint16_t *locator, uint8_t *out,
                           uint8_t *work, uint32_t column, uint32_t stride, uint32_t width) {
  const uint32_t block = block_rows(p->n, width);
  for (uint32_t r = 0; r < p->n; r += block) {
    for (uint32_t i = r; i < r + block; i++) {
      uint8_t *w = work + i * width;
      if (rows[i]) {
        row_gather(f, w, (const uint8_t *)rows[i] + column, width, UNITS);
        row_multiply(f, w, w, width, f->exp[locator[i]]);
      } else __builtin_memset(w, 0, width);
    }
    if (any_row(p->present, r, r + block)) transform_inverse(f, work + r * width, block, width, r, 1, block, p->present + r);
  }
  transform_inverse(f, work, p->n, width, 0, block, p->n, p->present);

  uint8_t *extra = 0;
  for (uint32_t half = p->n / 2; half >= p->q && half > 0; half /= 2) {
    const uint32_t constant = p->base / half;
    uint8_t *right = work + half * width;
    if (extra) {
      rows_multiply_add(f, extra, extra + half * width, half, width, constant);
      bytes_xor(extra, right, half * width);
    } else extra = right;
    rows_multiply_add(f, work, right, half, width, constant);
  }
  for (uint32_t i = 1; i < p->q; i++) {
    const uint32_t span = (i & -i) * width;
    bytes_xor(work + i * width - span, work + i * width, span);
  }
  if (extra) bytes_xor(work, extra, p->q * width);

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
/// `locator` as above; `present` and `missing` as in the plan, n + 1 and q + 1 counts; `work` has room for n · width bytes.
EXPORT(decode) void decode(const field *f, const uint32_t *rows, const uint16_t *locator, const uint32_t *present, const uint32_t *missing,
                           uint8_t *out, uint8_t *work, uint32_t n, uint32_t q, uint32_t base, uint32_t first, uint32_t k,
                           uint32_t row_size, uint32_t width, uint32_t from, uint32_t to) {
  const decode_plan p = {n, q, base, first, k, present, missing};
  for (uint32_t column = from; column < to; column += width)
    decode_columns(f, &p, rows, locator, out, work, column, row_size, to - column < width ? to - column : width);
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
