// RFC 6962 trees over a power of two of leaves: a leaf is H(00 ‖ data), an inner node H(01 ‖ left ‖ right).
#include "codec/vector.h"
#include "sha256.h"

/// Leaf hashes of `count` rows of `length` bytes, one after another.
EXPORT(merkle_leaves) void merkle_leaves(const uint8_t *rows, uint32_t count, uint32_t length, uint8_t *out) {
  sha256_prefixed(rows, length, count, length, 0, out);
}

/// Fill a heap of 32-byte nodes whose leaves, at numbers leaves..2·leaves−1, are there: node i is made of 2i and 2i + 1.
EXPORT(merkle_tree) void merkle_tree(uint8_t *nodes, uint32_t leaves) {
  for (uint32_t level = leaves / 2; level > 0; level /= 2) sha256_prefixed(nodes + 64 * level, 64, level, 64, 1, nodes + 32 * level);
}

/// Do paths of `levels` siblings, one after another, lead from each leaf hash to `root`? verdicts[i] = 1 if so, else 0.
/// `hashes` is overwritten; `work` has room for 64 bytes a proof and is preceded by a readable byte.
EXPORT(merkle_check) void merkle_check(uint8_t *hashes, const uint32_t *indices, const uint8_t *paths, uint32_t count, uint32_t levels,
                                       const uint8_t *root, uint8_t *work, uint8_t *verdicts) {
  for (uint32_t level = 0; level < levels; level++) {
    for (uint32_t i = 0; i < count; i++) {
      const uint32_t right = indices[i] >> level & 1;
      __builtin_memcpy(work + 64 * i + 32 * right, hashes + 32 * i, 32);
      __builtin_memcpy(work + 64 * i + 32 * (1 - right), paths + 32 * (i * levels + level), 32);
    }
    sha256_prefixed(work, 64, count, 64, 1, hashes);
  }
  for (uint32_t i = 0; i < count; i++) verdicts[i] = vec_equal(vec_load(hashes + 32 * i), vec_load(root)) && vec_equal(vec_load(hashes + 32 * i + 16), vec_load(root + 16));
}
