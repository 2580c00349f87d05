// Keccak-256 as Ethereum has it (the first Keccak, padding byte 01; FIPS 202 with 06 is another function): with SIMD two messages at a time.
#pragma once
#include <stdint.h>

/// Bytes of one chunk: the leaf of a file tree.
#define CHUNK_BYTES 256u

/// Hashes of `count` chunks of 256 bytes, one after another; 32 bytes each to `out`.
void keccak_chunks(const uint8_t *chunks, uint32_t count, uint8_t *out);

/// Hashes of `count` pairs of 32-byte hashes, one after another. `out` may be `pairs`.
void keccak_pairs(const uint8_t *pairs, uint32_t count, uint8_t *out);
