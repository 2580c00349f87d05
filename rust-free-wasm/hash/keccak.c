#include "keccak.h"
#include "codec/vector.h"

// Bytes that one permutation takes in: 1600 bits less twice the 256 of the hash.
#define RATE 136

static const uint64_t ROUND[24] = {
    0x0000000000000001, 0x0000000000008082, 0x800000000000808a, 0x8000000080008000, 0x000000000000808b, 0x0000000080000001,
    0x8000000080008081, 0x8000000000008009, 0x000000000000008a, 0x0000000000000088, 0x0000000080008009, 0x000000008000000a,
    0x000000008000808b, 0x800000000000008b, 0x8000000000008089, 0x8000000000008003, 0x8000000000008002, 0x8000000000000080,
    0x000000000000800a, 0x800000008000000a, 0x8000000080008081, 0x8000000000008080, 0x0000000080000001, 0x8000000080008008,
};

// A word of the state holds that of one message, or of two in the two lanes of a vector.
#ifdef __wasm_simd128__
#define LANES 2
typedef v128_t word;
INLINE word xor(word a, word b) { return wasm_v128_xor(a, b); }
INLINE word not_and(word a, word b) { return wasm_v128_andnot(b, a); }
INLINE word constant(uint64_t x) { return wasm_i64x2_splat((int64_t)x); }
INLINE word join(const uint8_t *a, const uint8_t *b) { return wasm_v128_load64_lane(b, wasm_v128_load64_zero(a), 1); }
#define ROTATE(a, n) wasm_v128_or(wasm_i64x2_shl(a, n), wasm_u64x2_shr(a, 64 - (n)))
// Whole bytes are moved at once.
#define ROTATE8(a) wasm_i8x16_shuffle(a, a, 7, 0, 1, 2, 3, 4, 5, 6, 15, 8, 9, 10, 11, 12, 13, 14)
#define ROTATE56(a) wasm_i8x16_shuffle(a, a, 1, 2, 3, 4, 5, 6, 7, 0, 9, 10, 11, 12, 13, 14, 15, 8)
INLINE void split(word w, uint8_t *a, uint8_t *b) {
  wasm_v128_store64_lane(a, w, 0);
  wasm_v128_store64_lane(b, w, 1);
}
#else
#define LANES 1
typedef uint64_t word;
INLINE word xor(word a, word b) { return a ^ b; }
INLINE word not_and(word a, word b) { return ~a & b; }
INLINE word constant(uint64_t x) { return x; }
INLINE word join(const uint8_t *a, const uint8_t *) {
  word w;
  __builtin_memcpy(&w, a, 8);
  return w;
}
#define ROTATE(a, n) __builtin_rotateleft64(a, n)
#define ROTATE8(a) ROTATE(a, 8)
#define ROTATE56(a) ROTATE(a, 56)
INLINE void split(word w, uint8_t *a, uint8_t *) { __builtin_memcpy(a, &w, 8); }
#endif

#define XOR5(a, b, c, d, e) xor(xor(xor(a, b), xor(c, d)), e)
// One row of the new state: five words of the old one, moved and rotated (theta's part d is already there), through chi.
#define ROW(out, y, a, b, c, d, e)                                                                                                        \
  {                                                                                                                                       \
    const word b0 = a, b1 = b, b2 = c, b3 = d, b4 = e;                                                                                    \
    out[y + 0] = xor(b0, not_and(b1, b2));                                                                                                \
    out[y + 1] = xor(b1, not_and(b2, b3));                                                                                                \
    out[y + 2] = xor(b2, not_and(b3, b4));                                                                                                \
    out[y + 3] = xor(b3, not_and(b4, b0));                                                                                                \
    out[y + 4] = xor(b4, not_and(b0, b1));                                                                                                \
  }
#define TURN(i, x, n) ROTATE(xor(in[i], d[x]), n)

INLINE void round_of(const word *in, word *out, uint64_t round) {
  word c[5], d[5];
  for (int x = 0; x < 5; x++) c[x] = XOR5(in[x], in[x + 5], in[x + 10], in[x + 15], in[x + 20]);
  for (int x = 0; x < 5; x++) d[x] = xor(c[(x + 4) % 5], ROTATE(c[(x + 1) % 5], 1));
  ROW(out, 0, xor(in[0], d[0]), TURN(6, 1, 44), TURN(12, 2, 43), TURN(18, 3, 21), TURN(24, 4, 14))
  out[0] = xor(out[0], constant(round));
  ROW(out, 5, TURN(3, 3, 28), TURN(9, 4, 20), TURN(10, 0, 3), TURN(16, 1, 45), TURN(22, 2, 61))
  ROW(out, 10, TURN(1, 1, 1), TURN(7, 2, 6), TURN(13, 3, 25), ROTATE8(xor(in[19], d[4])), TURN(20, 0, 18))
  ROW(out, 15, TURN(4, 4, 27), TURN(5, 0, 36), TURN(11, 1, 10), TURN(17, 2, 15), ROTATE56(xor(in[23], d[3])))
  ROW(out, 20, TURN(2, 2, 62), TURN(8, 3, 55), TURN(14, 4, 39), TURN(15, 0, 41), TURN(21, 1, 2))
}

static void permute(word *state) {
  word a[25], b[25];
  for (int i = 0; i < 25; i++) a[i] = state[i];
  for (int r = 0; r < 24; r += 2) {
    round_of(a, b, ROUND[r]);
    round_of(b, a, ROUND[r + 1]);
  }
  for (int i = 0; i < 25; i++) state[i] = a[i];
}

// The end of a message after `words` whole words of its last block, whose rest is zero.
INLINE void finish(word *state, int words) {
  state[words] = xor(state[words], constant(1));
  state[RATE / 8 - 1] = xor(state[RATE / 8 - 1], constant(0x8000000000000000));
  permute(state);
}
INLINE void store(const word *state, uint8_t *a, uint8_t *b) {
  for (int i = 0; i < 4; i++) split(state[i], a + 8 * i, b + 8 * i);
}

void keccak_chunks(const uint8_t *chunks, uint32_t count, uint8_t *out) {
  for (uint32_t i = 0; i < count; i += LANES) {
    const uint32_t other = i + LANES <= count ? LANES - 1 : 0; // a last one alone is hashed twice
    const uint8_t *a = chunks + CHUNK_BYTES * i, *b = a + CHUNK_BYTES * other;
    word state[25];
    for (int w = 0; w < 17; w++) state[w] = join(a + 8 * w, b + 8 * w);
    for (int w = 17; w < 25; w++) state[w] = constant(0);
    permute(state);
    for (int w = 0; w < 15; w++) state[w] = xor(state[w], join(a + RATE + 8 * w, b + RATE + 8 * w));
    finish(state, 15);
    store(state, out + 32 * i, out + 32 * (i + other));
  }
}

void keccak_pairs(const uint8_t *pairs, uint32_t count, uint8_t *out) {
  for (uint32_t i = 0; i < count; i += LANES) {
    const uint32_t other = i + LANES <= count ? LANES - 1 : 0;
    const uint8_t *a = pairs + 64 * i, *b = a + 64 * other;
    word state[25];
    for (int w = 0; w < 8; w++) state[w] = join(a + 8 * w, b + 8 * w);
    for (int w = 8; w < 25; w++) state[w] = constant(0);
    finish(state, 8);
    store(state, out + 32 * i, out + 32 * (i + other));
  }
}

/// Keccak-256 of `length` bytes.
EXPORT(keccak256) void keccak256(const uint8_t *data, uint32_t length, uint8_t *out) {
  word state[25];
  for (int w = 0; w < 25; w++) state[w] = constant(0);
  for (; length >= RATE; data += RATE, length -= RATE) {
    for (int w = 0; w < RATE / 8; w++) state[w] = xor(state[w], join(data + 8 * w, data + 8 * w));
    permute(state);
  }
  uint8_t last[RATE] = {0};
  __builtin_memcpy(last, data, length);
  last[length] = 1;
  last[RATE - 1] |= 0x80;
  for (int w = 0; w < RATE / 8; w++) state[w] = xor(state[w], join(last + 8 * w, last + 8 * w));
  permute(state);
  store(state, out, out);
}
