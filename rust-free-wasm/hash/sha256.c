#include "sha256.h"
#include "codec/vector.h"

static const uint32_t ROUND[64] = {
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98, 0x12835b01, 0x243185be,
    0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa,
    0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85,
    0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3,
    0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f,
    0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2,
};
static const uint32_t INITIAL[8] = {0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19};

// One compression, written once for both word types. `w` holds the sixteen words of the block and is overwritten.
#define ROUND_STEP(a, b, c, d, e, f, g, h, word, constant)                                                                                \
  {                                                                                                                                       \
    WORD t = ADD(ADD(h, XOR3(ROTATE(e, 6), ROTATE(e, 11), ROTATE(e, 25))), ADD(SELECT(e, f, g), ADD(word, CONSTANT(constant))));          \
    d = ADD(d, t);                                                                                                                        \
    h = ADD(t, ADD(XOR3(ROTATE(a, 2), ROTATE(a, 13), ROTATE(a, 22)), SELECT(XOR(a, b), c, b)));                                           \
  }
#define EIGHT_STEPS(i)                                                                                                                    \
  ROUND_STEP(a, b, c, d, e, f, g, h, w[i], ROUND[j + i])                                                                                  \
  ROUND_STEP(h, a, b, c, d, e, f, g, w[i + 1], ROUND[j + i + 1])                                                                          \
  ROUND_STEP(g, h, a, b, c, d, e, f, w[i + 2], ROUND[j + i + 2])                                                                          \
  ROUND_STEP(f, g, h, a, b, c, d, e, w[i + 3], ROUND[j + i + 3])                                                                          \
  ROUND_STEP(e, f, g, h, a, b, c, d, w[i + 4], ROUND[j + i + 4])                                                                          \
  ROUND_STEP(d, e, f, g, h, a, b, c, w[i + 5], ROUND[j + i + 5])                                                                          \
  ROUND_STEP(c, d, e, f, g, h, a, b, w[i + 6], ROUND[j + i + 6])                                                                          \
  ROUND_STEP(b, c, d, e, f, g, h, a, w[i + 7], ROUND[j + i + 7])
#define COMPRESS(state, w)                                                                                                                \
  {                                                                                                                                       \
    WORD a = state[0], b = state[1], c = state[2], d = state[3], e = state[4], f = state[5], g = state[6], h = state[7];                  \
    for (int j = 0; j < 64; j += 16) {                                                                                                    \
      if (j) {                                                                                                                            \
        _Pragma("clang loop unroll(full)") for (int i = 0; i < 16; i++) {                                                                 \
          WORD x = w[(i + 1) & 15], y = w[(i + 14) & 15];                                                                                 \
          w[i] = ADD(ADD(w[i], XOR3(ROTATE(x, 7), ROTATE(x, 18), SHIFT(x, 3))),                                                           \
                     ADD(w[(i + 9) & 15], XOR3(ROTATE(y, 17), ROTATE(y, 19), SHIFT(y, 10))));                                             \
        }                                                                                                                                 \
      }                                                                                                                                   \
      EIGHT_STEPS(0) EIGHT_STEPS(8)                                                                                                       \
    }                                                                                                                                     \
    state[0] = ADD(state[0], a), state[1] = ADD(state[1], b), state[2] = ADD(state[2], c), state[3] = ADD(state[3], d);                   \
    state[4] = ADD(state[4], e), state[5] = ADD(state[5], f), state[6] = ADD(state[6], g), state[7] = ADD(state[7], h);                   \
  }
#define XOR3(a, b, c) XOR(XOR(a, b), c)

// ── one message ──
#define WORD uint32_t
#define ADD(a, b) ((a) + (b))
#define XOR(a, b) ((a) ^ (b))
#define ROTATE(a, n) __builtin_rotateright32(a, n)
#define SHIFT(a, n) ((a) >> (n))
#define SELECT(mask, a, b) (((mask) & ((a) ^ (b))) ^ (b))
#define CONSTANT(x) (x)

static void compress1(uint32_t *state, uint32_t *w) COMPRESS(state, w)

INLINE uint32_t big_endian(const uint8_t *p) {
  uint32_t v;
  __builtin_memcpy(&v, p, 4);
  return __builtin_bswap32(v);
}
INLINE void load1(uint32_t *w, const uint8_t *p) {
  for (int i = 0; i < 16; i++) w[i] = big_endian(p + 4 * i);
}
INLINE void store1(const uint32_t *state, uint8_t *out) {
  for (int i = 0; i < 8; i++) {
    uint32_t v = __builtin_bswap32(state[i]);
    __builtin_memcpy(out + 4 * i, &v, 4);
  }
}

static void prefixed1(const uint8_t *row, uint32_t length, uint8_t prefix, uint8_t *out) {
  uint32_t state[8], w[16];
  __builtin_memcpy(state, INITIAL, 32);
  for (uint32_t at = 0; at < length; at += 64) {
    load1(w, row + at - 1); // the prefix moves every block by one byte
    if (at == 0) w[0] = (w[0] & 0xffffff) | (uint32_t)prefix << 24;
    compress1(state, w);
  }
  for (int i = 1; i < 15; i++) w[i] = 0;
  w[0] = (uint32_t)row[length - 1] << 24 | 0x800000;
  w[15] = 8 * (length + 1);
  compress1(state, w);
  store1(state, out);
}

/// H(data), for any length below 2^29 bytes.
EXPORT(sha256) void sha256(const uint8_t *data, uint32_t length, uint8_t *out) {
  uint32_t state[8], w[16];
  uint8_t tail[128];
  __builtin_memcpy(state, INITIAL, 32);
  uint32_t at = 0;
  for (; at + 64 <= length; at += 64) {
    load1(w, data + at);
    compress1(state, w);
  }
  const uint32_t rest = length - at, end = rest < 56 ? 64 : 128;
  __builtin_memset(tail, 0, sizeof tail);
  __builtin_memcpy(tail, data + at, rest);
  tail[rest] = 0x80;
  const uint32_t bits = __builtin_bswap32(8 * length);
  __builtin_memcpy(tail + end - 4, &bits, 4);
  for (at = 0; at < end; at += 64) {
    load1(w, tail + at);
    compress1(state, w);
  }
  store1(state, out);
}

#undef WORD
#undef ADD
#undef XOR
#undef ROTATE
#undef SHIFT
#undef SELECT
#undef CONSTANT

// ── four messages ──
#ifdef __wasm_simd128__
#define WORD vec
#define ADD(a, b) wasm_i32x4_add(a, b)
#define XOR(a, b) wasm_v128_xor(a, b)
#define ROTATE(a, n) wasm_v128_or(wasm_u32x4_shr(a, n), wasm_i32x4_shl(a, 32 - (n)))
#define SHIFT(a, n) wasm_u32x4_shr(a, n)
#define SELECT(mask, a, b) wasm_v128_bitselect(a, b, mask)
#define CONSTANT(x) wasm_i32x4_splat(x)

static void compress4(vec *state, vec *w) COMPRESS(state, w)

INLINE vec swap_bytes(vec v) { return wasm_i8x16_shuffle(v, v, 3, 2, 1, 0, 7, 6, 5, 4, 11, 10, 9, 8, 15, 14, 13, 12); }
// Four rows of four words to four columns.
INLINE void transpose(vec a, vec b, vec c, vec d, vec *out) {
  vec ab = wasm_i32x4_shuffle(a, b, 0, 4, 1, 5), AB = wasm_i32x4_shuffle(a, b, 2, 6, 3, 7);
  vec cd = wasm_i32x4_shuffle(c, d, 0, 4, 1, 5), CD = wasm_i32x4_shuffle(c, d, 2, 6, 3, 7);
  out[0] = wasm_i64x2_shuffle(ab, cd, 0, 2);
  out[1] = wasm_i64x2_shuffle(ab, cd, 1, 3);
  out[2] = wasm_i64x2_shuffle(AB, CD, 0, 2);
  out[3] = wasm_i64x2_shuffle(AB, CD, 1, 3);
}
INLINE void load4(vec *w, const uint8_t *const *p, int32_t at) {
  for (int q = 0; q < 4; q++)
    transpose(swap_bytes(vec_load(p[0] + at + 16 * q)), swap_bytes(vec_load(p[1] + at + 16 * q)),
              swap_bytes(vec_load(p[2] + at + 16 * q)), swap_bytes(vec_load(p[3] + at + 16 * q)), w + 4 * q);
}
INLINE void store4(const vec *state, uint8_t *out, uint32_t count) {
  vec words[8];
  transpose(state[0], state[1], state[2], state[3], words);
  transpose(state[4], state[5], state[6], state[7], words + 4);
  for (uint32_t lane = 0; lane < count; lane++) {
    vec_store(out + 32 * lane, swap_bytes(words[lane]));
    vec_store(out + 32 * lane + 16, swap_bytes(words[4 + lane]));
  }
}
INLINE void start4(vec *state) {
  for (int i = 0; i < 8; i++) state[i] = CONSTANT(INITIAL[i]);
}

static void prefixed4(const uint8_t *const *rows, uint32_t length, uint8_t prefix, uint8_t *out, uint32_t count) {
  vec state[8], w[16];
  start4(state);
  for (uint32_t at = 0; at < length; at += 64) {
    load4(w, rows, (int32_t)at - 1);
    if (at == 0)
      w[0] = wasm_v128_or(wasm_v128_and(w[0], wasm_i32x4_const_splat(0xffffff)), wasm_i32x4_splat((int32_t)((uint32_t)prefix << 24)));
    compress4(state, w);
  }
  const uint32_t last = length - 1;
  w[0] = wasm_v128_or(wasm_i32x4_shl(wasm_i32x4_make(rows[0][last], rows[1][last], rows[2][last], rows[3][last]), 24),
                      wasm_i32x4_const_splat(0x800000));
  for (int i = 1; i < 15; i++) w[i] = vec_zero();
  w[15] = wasm_i32x4_splat((int32_t)(8 * (length + 1)));
  compress4(state, w);
  store4(state, out, count);
}
#endif

void sha256_prefixed(const uint8_t *rows, uint32_t stride, uint32_t count, uint32_t length, uint8_t prefix, uint8_t *out) {
  uint32_t r = 0;
#ifdef __wasm_simd128__
  // Two or three last messages still cost less in four lanes than one by one.
  for (; r + 1 < count; r += 4) {
    const uint32_t last = count - 1;
    const uint8_t *lanes[4];
    for (uint32_t lane = 0; lane < 4; lane++) lanes[lane] = rows + (r + lane < last ? r + lane : last) * stride;
    prefixed4(lanes, length, prefix, out + 32 * r, count - r < 4 ? count - r : 4);
  }
#endif
  for (; r < count; r++) prefixed1(rows + r * stride, length, prefix, out + 32 * r);
}

void sha256_blocks(const uint8_t *blocks, uint32_t count, uint8_t *out) {
  uint32_t r = 0;
#ifdef __wasm_simd128__
  for (; r + 4 <= count; r += 4) {
    vec state[8], w[16];
    const uint8_t *lanes[4] = {blocks + 64 * r, blocks + 64 * r + 64, blocks + 64 * r + 128, blocks + 64 * r + 192};
    start4(state);
    load4(w, lanes, 0);
    compress4(state, w);
    store4(state, out + 32 * r, 4);
  }
#endif
  for (; r < count; r++) {
    uint32_t state[8], w[16];
    __builtin_memcpy(state, INITIAL, 32);
    load1(w, blocks + 64 * r);
    compress1(state, w);
    store1(state, out + 32 * r);
  }
}
