// SHA-256 (FIPS 180-4): one message at a time, or four in the four lanes of a vector.
#pragma once
#include <stdint.h>

/// H(prefix ‖ row) of `count` rows of `length` bytes (a multiple of 64, not 0) that lie `stride` bytes apart; 32 bytes each to `out`.
/// The byte before each row is read and ignored. `out` may overlap the rows when no hash is written past a row still to be read.
void sha256_prefixed(const uint8_t *rows, uint32_t stride, uint32_t count, uint32_t length, uint8_t prefix, uint8_t *out);

/// H of `count` messages that are already padded to one 64-byte block each, one after another.
void sha256_blocks(const uint8_t *blocks, uint32_t count, uint8_t *out);
