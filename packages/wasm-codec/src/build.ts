/** The three builds of the kernel: the same source, the same results, other instructions. */
export type Build = 'relaxed' | 'simd' | 'scalar';

/** A module of one function () → v128 with this body. */
function probe(...body: readonly number[]): Uint8Array<ArrayBuffer> {
  const header = [0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0];
  return Uint8Array.from([...header, 10, body.length + 4, 1, body.length + 2, 0, ...body, 11]);
}

const I32_CONST_1 = [65, 1];
const SPLAT = [253, 15];
const RELAXED_SWIZZLE = [253, 128, 2];

/**
 * The fastest build that this engine accepts. In Node 20 relaxed SIMD needs the V8 flag `--experimental-wasm-relaxed-simd`.
 *
 * @returns the name in `@perigee/wasm-codec/wasm/codec.<build>.wasm`
 */
export function chooseBuild(): Build {
  if (WebAssembly.validate(probe(...I32_CONST_1, ...SPLAT, ...I32_CONST_1, ...SPLAT, ...RELAXED_SWIZZLE))) return 'relaxed';
  return WebAssembly.validate(probe(...I32_CONST_1, ...SPLAT)) ? 'simd' : 'scalar';
}
