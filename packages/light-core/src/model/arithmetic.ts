/**
 * The integers that the model computes with (docs/model.md). Everything stays below 2^32 and is exact: `Math.imul`, sums, shifts, and divisions of
 * 32-bit integers whose fraction is dropped at once. Nothing here rounds as floating point does, so every machine gets the same.
 */

/** Bounds of what makes the sums of one row of a matrix what the next step takes: `sum * multiplier / 2^shift`, rounded half up. A multiplier is 0, or within these. */
export const MIN_MULTIPLIER = 1 << 14;
export const MAX_MULTIPLIER = (1 << 15) - 1;
export const MIN_SHIFT = 17;
export const MAX_SHIFT = 46;

/** @param sum any 32-bit integer @returns at most 2^29 from zero */
export function rescale(sum: number, multiplier: number, shift: number): number {
  // the product has up to 46 bits: its upper part, and what the lower one carries into it
  const upper = Math.imul(sum >> 16, multiplier) + (Math.imul(sum & 0xffff, multiplier) >>> 16);
  return (upper + (1 << (shift - 17))) >> (shift - 16);
}

export function clamp(value: number, most: number): number {
  return value > most ? most : value < -most ? -most : value;
}

/** The whole part of the square root. @param value 0 to 2^32 - 1 */
export function wholeSquareRoot(value: number): number {
  let root = 0;
  for (let bit = 1 << 15; bit > 0; bit >>>= 1) {
    const next = root | bit;
    if (Math.imul(next, next) >>> 0 <= value) root = next;
  }
  return root;
}

/** 2^-x for x of 12 fractional bits, with 15 fractional bits: 0 to 32768, at most 2^-13 from the true value. @param x 0 to 2^31 - 1 */
export function powerOfHalf(x: number): number {
  const whole = x >> 12;
  if (whole > 15) return 0;
  const f = x & 0xfff;
  // 1 - 0.69307 f + 0.23949 f^2 - 0.05326 f^3 + 0.00684 f^4, coefficients in 2^-15
  let sum = 224;
  sum = -1745 + (Math.imul(sum, f) >> 12);
  sum = 7848 + (Math.imul(sum, f) >> 12);
  sum = -22_711 + (Math.imul(sum, f) >> 12);
  sum = 32_768 + (Math.imul(sum, f) >> 12);
  return sum >> whole;
}

/**
 * Divides a vector by its root mean square.
 *
 * @param state 32-bit integers, at most 256, in any unit
 * @param out the same with 10 fractional bits, at most 16383 from zero
 */
export function normalise(state: Int32Array, out: Int16Array): void {
  const width = state.length;
  let most = 0;
  for (let i = 0; i < width; i++) most |= Math.abs(state[i] as number);
  const shift = 20 - Math.clz32(most); // what leaves 12 bits of the largest
  let squares = 0;
  for (let i = 0; i < width; i++) {
    const x = twelveBits(state[i] as number, shift);
    squares = (squares + Math.imul(x, x)) >>> 0;
  }
  const mean = (squares / width) | 0;
  const root = wholeSquareRoot((mean << 8) >>> 0); // of 4 fractional bits
  for (let i = 0; i < width; i++) {
    out[i] = root === 0 ? 0 : clamp(((twelveBits(state[i] as number, shift) << 14) / root) | 0, 16_383);
  }
}

function twelveBits(value: number, shift: number): number {
  return shift > 0 ? clamp(value >> shift, 4_095) : value << -shift;
}
