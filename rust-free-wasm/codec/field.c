// Construction of the field: the LFSR of x^16 + x^5 + x^3 + x^2 + 1 gives discrete logarithms, and the Cantor basis relabels them.
#include "field.h"

static const uint16_t CANTOR_BASIS[16] = {
    0x0001, 0xacca, 0x3c0e, 0x163e, 0xc582, 0xed2e, 0x914c, 0x4012, 0x6c98, 0x10d8, 0x6a72, 0xb900, 0xfdb8, 0xfb34, 0xff38, 0x991e,
};

EXPORT(field_bytes) uint32_t field_bytes(void) { return sizeof(field); }
EXPORT(field_log_offset) uint32_t field_log_offset(void) { return __builtin_offsetof(field, log); }

EXPORT(field_init) void field_init(field *f) {
  uint16_t *log = f->log, *exp = f->exp;
  uint32_t state = 1;
  for (uint32_t i = 0; i < FIELD_MODULUS; i++) {
    exp[state] = i; // the logarithm of a polynomial, until the two tables are turned round below
    state <<= 1;
    if (state & FIELD_ORDER) state ^= 0x1002d;
  }
  exp[0] = FIELD_MODULUS;
  log[0] = 0;
  for (uint32_t i = 0; i < 16; i++)
    for (uint32_t j = 0; j < 1u << i; j++) log[j + (1u << i)] = log[j] ^ CANTOR_BASIS[i];
  for (uint32_t i = 0; i < FIELD_ORDER; i++) log[i] = exp[log[i]];
  for (uint32_t i = 0; i < FIELD_ORDER; i++) exp[log[i]] = i;
  exp[FIELD_MODULUS] = exp[0];

  for (uint32_t c = 0; c < 256; c++)
    for (uint32_t x = 0; x < 16; x++) {
      f->product[c][x] = field_multiply(f, c, x);
      f->product[c][16 + x] = field_multiply(f, c, x << 4);
    }
  for (uint32_t x = 0; x < 16; x++) {
    f->tower[x] = field_multiply(f, 256, x);
    f->tower[16 + x] = field_multiply(f, 256, x << 4);
  }
}
