/**
 * Random words that Rust, Go and TypeScript repeat alike: mulberry32.
 *
 * @param {number} seed
 * @returns {() => number}
 */
function words(seed) {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b_79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}

/**
 * @template {'high' | 'low'} L
 * @typedef {{ k: number, n: number, rowSize: number, layout: L, seed: number }} Shape
 */

/**
 * Shapes of many sizes: a third of the counts are up to 16, a third up to 256, a third up to 2,048; rows of 64 to 512 bytes.
 *
 * @template {'high' | 'low'} L
 * @param {number} seed
 * @param {number} count
 * @param {readonly L[]} layouts taken in turn
 * @returns {Shape<L>[]}
 */
export function shapesOf(seed, count, layouts) {
  const next = words(seed);
  /** @param {number} bound */
  const below = (bound) => next() % bound;
  const rows = () => 1 + below([16, 256, 2_048][below(3)] ?? 1);
  return Array.from({ length: count }, (_, i) => ({
    k: rows(),
    n: rows(),
    rowSize: 64 * (1 + below(8)),
    layout: /** @type {L} */ (layouts[i % layouts.length]),
    seed: next(),
  }));
}

/**
 * K · rowSize bytes of one shape: its words, little-endian.
 *
 * @param {Shape<'high' | 'low'>} shape
 */
export function originalOf({ k, rowSize, seed }) {
  const out = new Uint8Array(k * rowSize);
  const view = new DataView(out.buffer);
  const next = words(seed);
  for (let at = 0; at < out.length; at += 4) view.setUint32(at, next(), true);
  return out;
}
