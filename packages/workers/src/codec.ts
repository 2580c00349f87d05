import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import { type Codec, chooseBuild, createCodec, createFileHasher, type FileHasher } from '@perigee/wasm-codec';
import { builtFile } from './node.ts';

export { openRow } from '@perigee/wasm-codec';

/** The codec of this thread, on the fastest kernel that the engine runs. Each call makes a new one with memory of its own. */
export async function loadCodec(): Promise<Codec> {
  // OpenSSL uses the SHA instructions of the processor, which WebAssembly does not have; a call costs a microsecond, which short rows
  // have back in the lanes of the kernel
  const sha256 = (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer');
  return createCodec({ module: await loadKernel(), sha256, now: () => performance.now() });
}

/** What hashes stored files in this thread, likewise. */
export async function loadFileHasher(): Promise<FileHasher> {
  return createFileHasher({ module: await loadKernel() });
}

async function loadKernel(): Promise<WebAssembly.Module> {
  // Node 20 has relaxed SIMD behind a flag, which may be set while it runs; newer ones have it without
  if (chooseBuild() === 'simd') setFlagsFromString('--experimental-wasm-relaxed-simd');
  return WebAssembly.compile(await readFile(builtFile(`wasm/codec.${chooseBuild()}.wasm`, import.meta.url)));
}
