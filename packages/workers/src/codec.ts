import { hash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { setFlagsFromString } from 'node:v8';
import {
  type Codec,
  CodecThread,
  chooseBuild,
  createCodec,
  createFileHasher,
  type FileHasher,
  kernelFor,
} from '@perigee/wasm-codec';
import { builtFile } from './node.ts';

export { openRow } from '@perigee/wasm-codec';

/** OpenSSL uses the SHA instructions of the processor, which WebAssembly does not have; a call costs a microsecond, which short rows have back in the lanes of the kernel. */
const hashing = {
  sha256: (data: Uint8Array): Uint8Array => hash('sha256', data, 'buffer'),
  now: (): number => performance.now(),
};

/** The codec of this thread, on the fastest kernel that the engine runs. Each call makes a new one with memory of its own. */
export async function loadCodec(): Promise<Codec> {
  return createCodec({ module: await loadKernel(), ...hashing });
}

/** One of the threads that work on rows in one memory. */
export async function loadCodecThread(memory: WebAssembly.Memory, index: number): Promise<CodecThread> {
  const module = await WebAssembly.compile(kernelFor(memory, await kernelBytes()));
  return new CodecThread({ module, memory, index, ...hashing });
}

/** What hashes stored files in this thread, likewise. */
export async function loadFileHasher(): Promise<FileHasher> {
  return createFileHasher({ module: await loadKernel() });
}

let kept: Promise<readonly WebAssembly.Module[]> | undefined;

/**
 * Compiles the kernel in this thread, both for memory that threads share and for memory of their own, and keeps it until the process ends. V8 gives threads that
 * compile the same bytes one module as long as somebody holds it; where threads come and go, each that compiles anew leaves 30 KB behind for good (Node 20).
 *
 * @throws what `loadCodec` throws, and may be called again then
 */
export async function keepKernel(): Promise<void> {
  kept ??= compileKernels().catch((error: unknown) => {
    kept = undefined;
    throw error;
  });
  await kept;
}

async function compileKernels(): Promise<readonly WebAssembly.Module[]> {
  const bytes = await kernelBytes();
  const shared = kernelFor(new WebAssembly.Memory({ initial: 1, maximum: 1, shared: true }), bytes);
  return Promise.all([bytes, shared].map((kernel) => WebAssembly.compile(kernel)));
}

async function loadKernel(): Promise<WebAssembly.Module> {
  return WebAssembly.compile(await kernelBytes());
}

async function kernelBytes(): Promise<Uint8Array<ArrayBuffer>> {
  // Node 20 has relaxed SIMD behind a flag, which may be set while it runs; newer ones have it without
  if (chooseBuild() === 'simd') setFlagsFromString('--experimental-wasm-relaxed-simd');
  return new Uint8Array(await readFile(builtFile(`wasm/codec.${chooseBuild()}.wasm`, import.meta.url)));
}
