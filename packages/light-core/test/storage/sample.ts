import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import type { FileHash } from '@perigee/light-core/storage';
import { chooseBuild, createFileHasher } from '@perigee/wasm-codec';

/** Bytes that a program in another language can make too: the top byte of a linear congruence. `tests/peers/zerog` has the same. */
export function sampleBytes(length: number, seed: number): Uint8Array {
  const out = new Uint8Array(length);
  let state = seed >>> 0;
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    out[i] = state >>> 24;
  }
  return out;
}

/** The kernel's hash, for what noble would take too long for. */
export async function kernelHash(): Promise<FileHash> {
  setFlagsFromString('--experimental-wasm-relaxed-simd');
  const bytes = await readFile(new URL(`../../../wasm-codec/wasm/codec.${chooseBuild()}.wasm`, import.meta.url));
  return createFileHasher({ module: await WebAssembly.compile(bytes) });
}
