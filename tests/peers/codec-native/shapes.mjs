/** Random shapes and data that Rust, Go and TypeScript repeat alike: mulberry32, its words little-endian. */
function* words(seed) {
  let state = seed | 0;
  for (;;) {
    state = (state + 0x6d2b_79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    yield (t ^ (t >>> 14)) >>> 0;
  }
}

/**
 * Shapes of many sizes: a third of the counts are below 17, a third below 257, a third below 2,049; rows of 64 to 512 bytes.
 *
 * @param {number} seed
 * @param {number} count
 * @param {readonly ('high' | 'low')[]} layouts taken in turn
 */
export function shapesOf(seed, count, layouts) {
  const source = words(seed);
  const below = (bound) => source.next().value % bound;
  const rows = () => 1 + below([16, 256, 2_048][below(3)]);
  return Array.from({ length: count }, (_, i) => ({
    k: rows(),
    n: rows(),
    rowSize: 64 * (1 + below(8)),
    layout: layouts[i % layouts.length],
    seed: source.next().value,
  }));
}

/** K · rowSize bytes of one shape. */
export function originalOf({ k, rowSize, seed }) {
  const out = new Uint8Array(k * rowSize);
  const view = new DataView(out.buffer);
  const source = words(seed);
  for (let at = 0; at < out.length; at += 4) view.setUint32(at, source.next().value, true);
  return out;
}
