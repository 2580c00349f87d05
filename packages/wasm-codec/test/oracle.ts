/**
 * A second opinion on the code, from its definition and by Lagrange's formula alone: no FFT, no tower of fields, no table shared with
 * the kernel. Slow: one step for each (wanted row, original row, symbol).
 *
 * Position p stands for the field element Σ p_i · basis_i. With `points` a power of two, the polynomial of degree below `points`
 * through the values at a coset of that many positions is evaluated elsewhere.
 */
import type { Layout } from '../src/index.ts';

const BASIS = [
  0x0001, 0xacca, 0x3c0e, 0x163e, 0xc582, 0xed2e, 0x914c, 0x4012, 0x6c98, 0x10d8, 0x6a72, 0xb900, 0xfdb8, 0xfb34, 0xff38, 0x991e,
];
const REDUCTION = 0x1002d;
const GROUP = 65_535;

const log = new Uint32Array(65_536);
const exp = new Uint32Array(2 * GROUP);
const toPolynomial = new Uint32Array(65_536);
const toCoordinates = new Uint32Array(65_536);
for (let i = 0, x = 1; i < GROUP; i++) {
  exp[i] = x;
  exp[i + GROUP] = x;
  log[x] = i;
  x <<= 1;
  if (x > 0xffff) x ^= REDUCTION;
}
for (let c = 0; c < 65_536; c++) {
  let x = 0;
  for (const [i, b] of BASIS.entries()) if ((c >> i) & 1) x ^= b;
  toPolynomial[c] = x;
  toCoordinates[x] = c;
}

const at = (table: Uint32Array, i: number): number => table[i] ?? 0;
const logOf = (position: number): number => at(log, at(toPolynomial, position));

/** Discrete logarithm of the weight of the value at `from` in the value at `to`, of a polynomial through `points` positions at `base`. */
function weight(base: number, points: number, from: number, to: number): number {
  // Π (x − x_i) over the coset, over (x − x_from) · Π (x_from − x_i); differences within a coset run over the whole subspace
  let sum = 0;
  for (let i = 0; i < points; i++) sum += logOf(to ^ (base + i)) - (i === 0 ? 0 : logOf(i));
  sum -= logOf(to ^ from);
  return ((sum % GROUP) + GROUP) % GROUP;
}

const symbol = (row: Uint8Array, i: number): number =>
  (row[(i >> 5) * 64 + (i & 31)] ?? 0) | ((row[(i >> 5) * 64 + 32 + (i & 31)] ?? 0) << 8);

function powerOfTwo(count: number): number {
  return count === 1 ? 1 : 2 ** (32 - Math.clz32(count - 1));
}

/** Parity row number `index` (0 to N−1). `original` holds K rows, one after another. */
export function parityRow(
  original: Uint8Array,
  k: number,
  n: number,
  rowSize: number,
  layout: Layout,
  index: number,
): Uint8Array {
  const points = powerOfTwo(layout === 'high' ? n : k);
  const first = layout === 'high' ? points : 0;
  const to = layout === 'high' ? index : points + index;
  const symbols = new Uint32Array(rowSize / 2);
  let shared = -1; // the part of the weight that all rows of one coset share
  let coset = -1;
  for (let j = 0; j < k; j++) {
    const from = first + j;
    const base = from - (from % points);
    if (base !== coset) {
      coset = base;
      shared = (weight(base, points, from, to) + logOf(to ^ from)) % GROUP;
    }
    const w = (shared - logOf(to ^ from) + GROUP) % GROUP;
    const row = original.subarray(j * rowSize, (j + 1) * rowSize);
    for (let i = 0; i < symbols.length; i++) {
      const value = symbol(row, i);
      if (value !== 0) symbols[i] = at(symbols, i) ^ at(exp, logOf(value) + w);
    }
  }
  const out = new Uint8Array(rowSize);
  for (let i = 0; i < symbols.length; i++) {
    const value = at(toCoordinates, at(symbols, i));
    out[(i >> 5) * 64 + (i & 31)] = value & 255;
    out[(i >> 5) * 64 + 32 + (i & 31)] = value >> 8;
  }
  return out;
}
