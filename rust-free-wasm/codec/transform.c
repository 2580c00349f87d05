#include "transform.h"

// Two layers at once, all three twiddles in GF(256). `first` blocks have twiddles 0 in two of the three places.
INLINE void inverse4(const field *f, uint8_t *a, uint32_t step, uint32_t width, uint32_t inner, int first) {
  // inner = twiddle of the pair (a, b), a multiple of 4; (c, d) has inner + 2, the layer above inner / 2
  byte_product t01 = product_load(f->product[inner]), t23 = product_load(f->product[inner + 2]),
               t02 = product_load(f->product[inner / 2]);
  uint8_t *b = a + step, *c = b + step, *d = c + step;
#pragma clang loop unroll_count(2)
  for (uint32_t i = 0; i < width; i += 16) {
    vec va = vec_load(a + i), vb = vec_xor(vec_load(b + i), va), vc = vec_load(c + i), vd = vec_xor(vec_load(d + i), vc);
    if (!first) va = vec_xor(va, product_of(t01, vb));
    vc = vec_xor(vc, product_of(t23, vd));
    vc = vec_xor(vc, va);
    vd = vec_xor(vd, vb);
    if (!first) {
      va = vec_xor(va, product_of(t02, vc));
      vb = vec_xor(vb, product_of(t02, vd));
      vec_store(a + i, va);
    }
    vec_store(b + i, vb);
    vec_store(c + i, vc);
    vec_store(d + i, vd);
  }
}

// `to` may be `from`: the loops of a transform then need half of the addresses.
INLINE void forward4(const field *f, uint8_t *to, const uint8_t *from, uint32_t step, uint32_t width, uint32_t inner, int first) {
  byte_product t01 = product_load(f->product[inner]), t23 = product_load(f->product[inner + 2]),
               t02 = product_load(f->product[inner / 2]);
  const uint8_t *a = from, *b = a + step, *c = b + step, *d = c + step;
  uint8_t *ta = to, *tb = ta + step, *tc = tb + step, *td = tc + step;
#pragma clang loop unroll_count(2)
  for (uint32_t i = 0; i < width; i += 16) {
    vec va = vec_load(a + i), vb = vec_load(b + i), vc = vec_load(c + i), vd = vec_load(d + i);
    if (!first) {
      va = vec_xor(va, product_of(t02, vc));
      vb = vec_xor(vb, product_of(t02, vd));
    }
    vc = vec_xor(vc, va);
    vd = vec_xor(vd, vb);
    if (!first) va = vec_xor(va, product_of(t01, vb));
    vc = vec_xor(vc, product_of(t23, vd));
    if (!first || to != from) vec_store(ta + i, va);
    vec_store(tb + i, vec_xor(vb, va));
    vec_store(tc + i, vc);
    vec_store(td + i, vec_xor(vd, vc));
  }
}

// `near`: the twiddle is below NEAR_END.
INLINE void inverse2_symbols(const field *f, uint8_t *a, uint8_t *b, uint32_t width, uint32_t twiddle, int near) {
  symbol_product t = symbol_product_load(f, twiddle);
  near_product tn = near_product_load(f, twiddle);
  for (uint32_t i = 0, half = width / 2; i < half; i += 16) {
    vec al = vec_load(a + i), ah = vec_load(a + half + i);
    vec bl = vec_xor(vec_load(b + i), al), bh = vec_xor(vec_load(b + half + i), ah);
    vec_store(b + i, bl);
    vec_store(b + half + i, bh);
    symbols p = near ? near_product_of(tn, bl, bh) : symbol_product_of(t, bl, bh);
    vec_store(a + i, vec_xor(al, p.low));
    vec_store(a + half + i, vec_xor(ah, p.high));
  }
}

INLINE void inverse2(const field *f, uint8_t *a, uint8_t *b, uint32_t width, uint32_t twiddle) {
  if (twiddle == 0) {
    bytes_xor(b, a, width);
  } else if (twiddle < 256) {
    byte_product t = product_load(f->product[twiddle]);
#pragma clang loop unroll_count(4)
    for (uint32_t i = 0; i < width; i += 16) {
      vec va = vec_load(a + i), vb = vec_xor(vec_load(b + i), va);
      vec_store(b + i, vb);
      vec_store(a + i, vec_xor(va, product_of(t, vb)));
    }
  } else if (twiddle < NEAR_END) {
    inverse2_symbols(f, a, b, width, twiddle, 1);
  } else {
    inverse2_symbols(f, a, b, width, twiddle, 0);
  }
}

INLINE void forward2_symbols(const field *f, uint8_t *to, const uint8_t *from, uint32_t step, uint32_t width, uint32_t twiddle, int near) {
  symbol_product t = symbol_product_load(f, twiddle);
  near_product tn = near_product_load(f, twiddle);
  const uint8_t *a = from, *b = from + step;
  uint8_t *ta = to, *tb = to + step;
  for (uint32_t i = 0, half = width / 2; i < half; i += 16) {
    vec bl = vec_load(b + i), bh = vec_load(b + half + i);
    symbols p = near ? near_product_of(tn, bl, bh) : symbol_product_of(t, bl, bh);
    vec al = vec_xor(vec_load(a + i), p.low), ah = vec_xor(vec_load(a + half + i), p.high);
    vec_store(ta + i, al);
    vec_store(ta + half + i, ah);
    vec_store(tb + i, vec_xor(bl, al));
    vec_store(tb + half + i, vec_xor(bh, ah));
  }
}

INLINE void forward2(const field *f, uint8_t *to, const uint8_t *from, uint32_t step, uint32_t width, uint32_t twiddle) {
  const uint8_t *a = from, *b = from + step;
  uint8_t *ta = to, *tb = to + step;
  if (twiddle == 0 && to == from) {
    bytes_xor(tb, ta, width);
  } else if (twiddle < 256) {
    byte_product t = product_load(f->product[twiddle]);
#pragma clang loop unroll_count(4)
    for (uint32_t i = 0; i < width; i += 16) {
      vec vb = vec_load(b + i), va = vec_xor(vec_load(a + i), product_of(t, vb));
      vec_store(ta + i, va);
      vec_store(tb + i, vec_xor(vb, va));
    }
  } else if (twiddle < NEAR_END) {
    forward2_symbols(f, to, from, step, width, twiddle, 1);
  } else {
    forward2_symbols(f, to, from, step, width, twiddle, 0);
  }
}

// Do all twiddles of the layer of this distance lie in the subfield?
INLINE int in_subfield(uint32_t n, uint32_t offset, uint32_t distance) { return (offset + n - 1) / (2 * distance) < 128; }

void transform_inverse(const field *f, uint8_t *work, uint32_t n, uint32_t width, uint32_t offset, uint32_t first, uint32_t used,
                       row_counts present) {
  for (uint32_t d = first; d < n;) {
    if (4 * d <= n && in_subfield(n, offset, d)) {
      for (uint32_t block = 0; block < used; block += 4 * d) {
        if (!any_row(present, block, block + 4 * d)) continue;
        uint32_t twiddle = (offset + block) / d;
        uint8_t *row = work + block * width;
        if (twiddle == 0)
          for (uint32_t i = 0; i < d; i++, row += width) inverse4(f, row, d * width, width, 0, 1);
        else
          for (uint32_t i = 0; i < d; i++, row += width) inverse4(f, row, d * width, width, twiddle, 0);
      }
      d *= 4;
    } else {
      for (uint32_t block = 0; block < used; block += 2 * d) {
        if (!any_row(present, block, block + 2 * d)) continue;
        uint32_t twiddle = (offset + block) / d;
        uint8_t *row = work + block * width;
        for (uint32_t i = 0; i < d; i++, row += width) inverse2(f, row, row + d * width, width, twiddle);
      }
      d *= 2;
    }
  }
}

// One pass: two layers where the twiddles allow it, else one. Returns the distance of the layer that comes next.
INLINE uint32_t forward_pass(const field *f, uint8_t *to, const uint8_t *source, uint32_t n, uint32_t width, uint32_t offset, uint32_t last,
                             uint32_t end, row_counts wanted, uint32_t d) {
  const uint32_t inner = d / 2;
  const int two = inner >= last && inner > 0 && in_subfield(n, offset, inner);
  for (uint32_t block = 0; block < end; block += 2 * d) {
    uint32_t twiddle = (offset + block) / (two ? inner : d), at = block * width;
    if (!any_row(wanted, block, block + 2 * d)) continue;
    if (!two)
      for (uint32_t i = 0; i < d; i++, at += width) forward2(f, to + at, source + at, d * width, width, twiddle);
    else if (twiddle == 0)
      for (uint32_t i = 0; i < inner; i++, at += width) forward4(f, to + at, source + at, inner * width, width, 0, 1);
    else
      for (uint32_t i = 0; i < inner; i++, at += width) forward4(f, to + at, source + at, inner * width, width, twiddle, 0);
  }
  return two ? d / 4 : inner;
}

void transform_forward(const field *f, uint8_t *work, const uint8_t *source, uint32_t n, uint32_t width, uint32_t offset, uint32_t last,
                       uint32_t to, row_counts wanted) {
  uint32_t d = n / 2;
  if (source != work) {
    if (d < last || d == 0) __builtin_memcpy(work, source, n * width);
    else d = forward_pass(f, work, source, n, width, offset, last, to, wanted, d); // one block, all rows
  }
  while (d >= last && d > 0) d = forward_pass(f, work, work, n, width, offset, last, to, wanted, d);
}

void transform_turn(const field *f, uint8_t *work, uint32_t n, uint32_t width) {
  const byte_product two = product_load(f->product[2]); // n / (n / 2), the one twiddle of the three layers that is not 0
  const uint32_t step = n / 4 * width;
  uint8_t *a = work, *b = a + step, *c = b + step, *d = c + step;
#pragma clang loop unroll_count(2)
  for (uint32_t i = 0; i < step; i += 16) {
    vec va = vec_load(a + i), vb = vec_load(b + i), vc = vec_xor(vec_load(c + i), va), vd = vec_xor(vec_load(d + i), vb);
    va = vec_xor(va, product_of(two, vc)); // the inverse layer ends here
    vb = vec_xor(vb, product_of(two, vd));
    vc = vec_xor(vc, va);
    vd = vec_xor(vd, vb);
    vc = vec_xor(vc, product_of(two, vd));
    vec_store(a + i, va);
    vec_store(b + i, vec_xor(vb, va));
    vec_store(c + i, vc);
    vec_store(d + i, vec_xor(vd, vc));
  }
}

void row_multiply(const field *f, uint8_t *target, const uint8_t *source, uint32_t width, uint32_t constant) {
  if (constant < 256) {
    byte_product t = product_load(f->product[constant]);
    for (uint32_t i = 0; i < width; i += 16) vec_store(target + i, product_of(t, vec_load(source + i)));
    return;
  }
  symbol_product t = symbol_product_load(f, constant);
  for (uint32_t i = 0, half = width / 2; i < half; i += 16) {
    symbols p = symbol_product_of(t, vec_load(source + i), vec_load(source + half + i));
    vec_store(target + i, p.low);
    vec_store(target + half + i, p.high);
  }
}

void row_multiply_add(const field *f, uint8_t *target, const uint8_t *source, uint32_t width, uint32_t constant) {
  if (constant < 256) {
    byte_product t = product_load(f->product[constant]);
    for (uint32_t i = 0; i < width; i += 16) vec_store(target + i, vec_xor(vec_load(target + i), product_of(t, vec_load(source + i))));
    return;
  }
  symbol_product t = symbol_product_load(f, constant);
  for (uint32_t i = 0, half = width / 2; i < half; i += 16) {
    symbols p = symbol_product_of(t, vec_load(source + i), vec_load(source + half + i));
    vec_store(target + i, vec_xor(vec_load(target + i), p.low));
    vec_store(target + half + i, vec_xor(vec_load(target + half + i), p.high));
  }
}
