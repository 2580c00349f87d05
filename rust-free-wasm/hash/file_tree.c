// The tree of a file as 0G Storage has it (reference: its file/tree): a leaf is the hash of a chunk of 256 bytes, a node that of its two
// children; a last node without a sibling goes up as it is.
#include "codec/vector.h"
#include "keccak.h"

/// Hash of a chunk of zeros.
static const uint8_t ZERO_CHUNK[32] = {
    0xd3, 0x97, 0xb3, 0xb0, 0x43, 0xd8, 0x7f, 0xcd, 0x6f, 0xad, 0x12, 0x91, 0xff, 0x0b, 0xfd, 0x16,
    0x40, 0x1c, 0x27, 0x48, 0x96, 0xd8, 0xc6, 0x3a, 0x92, 0x37, 0x27, 0xf0, 0x77, 0xb8, 0xe0, 0xb5,
};

static void fill(uint8_t *nodes, uint32_t from, uint32_t to, const uint8_t *hash) {
  for (uint32_t i = from; i < to; i++) __builtin_memcpy(nodes + 32 * i, hash, 32);
}

/// All levels of the tree over `chunks` chunks, leaves first, the root last; of the chunks `with_data` are at `data`, the others are zeros
/// and are neither read nor hashed one by one. Level k has ⌈chunks / 2^k⌉ nodes of 32 bytes.
EXPORT(file_tree) void file_tree(const uint8_t *data, uint32_t with_data, uint32_t chunks, uint8_t *levels) {
  uint8_t zero[64]; // twice the root over zeros of this level's height
  __builtin_memcpy(zero, ZERO_CHUNK, 32);
  keccak_chunks(data, with_data, levels);
  fill(levels, with_data, chunks, zero);
  while (chunks > 1) {
    uint8_t *up = levels + 32 * chunks;
    const uint32_t pairs = chunks / 2;
    // the last pair is hashed in any case: its right child may be lower than the others
    const uint32_t hashed = (with_data + 1) / 2 < pairs ? (with_data + 1) / 2 : pairs;
    keccak_pairs(levels, hashed, up);
    if (hashed < pairs) {
      __builtin_memcpy(zero + 32, zero, 32);
      keccak_pairs(zero, 1, zero);
      fill(up, hashed, pairs - 1, zero);
      keccak_pairs(levels + 64 * (pairs - 1), 1, up + 32 * (pairs - 1));
    }
    if (chunks % 2) __builtin_memcpy(up + 32 * pairs, levels + 32 * (chunks - 1), 32);
    levels = up;
    chunks = (chunks + 1) / 2;
    with_data = hashed < pairs ? hashed : chunks;
  }
}
