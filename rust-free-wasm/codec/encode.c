// Encoding. Both layouts come down to: coefficients of q = 2^⌈log2 K⌉ (or fewer) positions, then values of q positions at a time.
//
// low:  data at positions 0.., parity at q, 2q, ..
// high: m = 2^⌈log2 N⌉; parity at 0..m−1, data at m... With K > m the data comes in chunks of m whose coefficients add up. With
//       q < m only the first q of the m rows are not zero, so the upper layers of both transforms meet scalars alone: parity chunk j
//       is the transform of (scale j) · coefficients, where the scales are one tiny transform of (1, 0, 0, ..).
#include "rows.h"
#include "transform.h"

/// How one code is laid out; filled by the caller's shape in `plan`.
typedef struct {
  uint32_t size;         // rows of one transform (q)
  uint32_t input_offset; // position of the first data row
  uint32_t output_offset;
  const uint16_t *scales; // one for each chunk of parity rows, or 0 for all 1
} layout;

// The values at 0..count−1 of the unit vector whose coefficients were taken at count..2·count−1, in scalars.
static void scales_init(const field *f, uint16_t *scales, uint32_t count) {
  for (uint32_t i = 0; i < count; i++) scales[i] = i == 0;
  for (uint32_t d = 1; d < count; d *= 2)
    for (uint32_t block = 0; block < count; block += 2 * d)
      for (uint32_t i = block; i < block + d; i++) {
        scales[i + d] ^= scales[i];
        scales[i] ^= field_multiply(f, scales[i + d], (count + block) / d);
      }
  for (uint32_t d = count / 2; d > 0; d /= 2)
    for (uint32_t block = 0; block < count; block += 2 * d)
      for (uint32_t i = block; i < block + d; i++) {
        scales[i] ^= field_multiply(f, scales[i + d], block / d);
        scales[i + d] ^= scales[i];
      }
}

static uint32_t power_of_two(uint32_t count) {
  uint32_t p = 1;
  while (p < count) p *= 2;
  return p;
}

static layout plan(const field *f, uint32_t k, uint32_t n, uint32_t high, uint16_t *scales) {
  uint32_t q = power_of_two(k), m = power_of_two(n);
  if (!high) return (layout){q, 0, q, 0};
  if (q >= m) return (layout){m, m, 0, 0};
  scales_init(f, scales, m / q);
  return (layout){q, m, 0, scales};
}

INLINE uint32_t at_most(uint32_t count, uint32_t limit) { return count < limit ? count : limit; }

// All layers of both transforms from the distance of a block up, where one chunk of data at q.. gives one of parity at 0..
static void turn(const field *f, uint8_t *work, uint32_t q, uint32_t width, uint32_t block, uint32_t k, uint32_t n) {
  for (uint32_t r = 0; r < k; r += q / 2)
    transform_inverse(f, work + r * width, q / 2, width, q + r, block, at_most(k - r, q / 2), 0);
  transform_turn(f, work, q, width);
  for (uint32_t r = 0; r < n; r += q / 4) {
    uint8_t *rows = work + r * width;
    transform_forward(f, rows, rows, q / 4, width, r, block, at_most(n - r, q / 4), 0);
  }
}

INLINE void encode_columns(const field *f, layout l, const uint8_t *in, uint8_t *out, uint8_t *work, uint32_t k, uint32_t n,
                           uint32_t stride, uint32_t width, row_format format) {
  const uint32_t q = l.size, block = block_rows(q, width);
  const int turns = l.input_offset == q && k <= q && n <= q && block <= q / 4;
  uint8_t *sum = work, *next = work + q * width;
  for (uint32_t chunk = 0; chunk < k; chunk += q) {
    uint8_t *w = chunk == 0 ? sum : next;
    const uint32_t count = at_most(k - chunk, q), offset = l.input_offset + chunk;
    for (uint32_t r = 0; r < q; r += block) {
      for (uint32_t i = r; i < r + block; i++) {
        if (i < count) row_gather(f, w + i * width, in + (chunk + i) * stride, width, format);
        else __builtin_memset(w + i * width, 0, width);
      }
      if (r < count) transform_inverse(f, w + r * width, block, width, offset + r, 1, at_most(count - r, block), 0);
    }
    if (!turns) transform_inverse(f, w, q, width, offset, block, count, 0);
    if (chunk != 0) bytes_xor(sum, w, q * width);
  }
  if (turns) turn(f, sum, q, width, block, k, n);
  for (uint32_t chunk = 0; chunk < n; chunk += q) {
    const uint32_t count = at_most(n - chunk, q), offset = l.output_offset + chunk;
    const uint32_t scale = l.scales ? l.scales[chunk / q] : 1;
    uint8_t *w = chunk + q < n ? next : sum; // the last chunk may spend the coefficients
    if (!turns) transform_forward(f, w, sum, q, width, offset, block, count, 0);
    for (uint32_t r = 0; r < count; r += block) {
      const uint32_t end = at_most(count - r, block);
      uint8_t *rows = w + r * width;
      transform_forward(f, rows, rows, block, width, offset + r, 1, end, 0);
      for (uint32_t i = 0; i < end; i++, rows += width) {
        // a scale outside of GF(256) is of a code with few original rows, and combinations are short: neither has a path of its own
        const int apart = scale >= 256 || format == COMBINATION;
        if (apart && scale != 1) row_multiply(f, rows, rows, width, scale);
        row_scatter(f, out + (chunk + r + i) * stride, rows, width, format, apart ? 1 : scale);
      }
    }
  }
}

// Bytes of the scales at the start of `work`, kept a multiple of 16.
static uint32_t scales_bytes(uint32_t k, uint32_t n, uint32_t high) {
  uint32_t q = power_of_two(k), m = power_of_two(n);
  return high && q < m ? (2 * (m / q) + 15) & ~15u : 0;
}

EXPORT(encode_work_bytes) uint32_t encode_work_bytes(uint32_t k, uint32_t n, uint32_t high, uint32_t width) {
  uint32_t q = power_of_two(k), m = power_of_two(n);
  return scales_bytes(k, n, high) + 2 * (high && m < q ? m : q) * width;
}

/// Parity of columns [from, to) of K rows at `in` into N rows at `out`; all three and `width`, the bytes of a row that are worked
/// on at once, are multiples of 64.
EXPORT(encode) void encode(const field *f, const uint8_t *in, uint8_t *out, uint8_t *work, uint32_t k, uint32_t n, uint32_t high,
                           uint32_t row_size, uint32_t width, uint32_t from, uint32_t to) {
  layout l = plan(f, k, n, high, (uint16_t *)work);
  work += scales_bytes(k, n, high);
  for (uint32_t column = from; column < to; column += width)
    encode_columns(f, l, in + column, out + column, work, k, n, row_size, to - column < width ? to - column : width, UNITS);
}

/// The same for K combinations of 16 bytes into N combinations, layout high.
EXPORT(encode_combinations) void encode_combinations(const field *f, const uint8_t *in, uint8_t *out, uint8_t *work, uint32_t k,
                                                     uint32_t n) {
  layout l = plan(f, k, n, 1, (uint16_t *)work);
  work += scales_bytes(k, n, 1);
  encode_columns(f, l, in, out, work, k, n, COMBINATION_BYTES, COMBINATION_WIDTH, COMBINATION);
}
