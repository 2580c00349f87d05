import { type Codec, chooseBuild, createCodec, createFileHasher, type FileHasher } from '@perigee/wasm-codec';
import relaxed from '@perigee/wasm-codec/wasm/codec.relaxed.wasm?url';
import scalar from '@perigee/wasm-codec/wasm/codec.scalar.wasm?url';
import simd from '@perigee/wasm-codec/wasm/codec.simd.wasm?url';
import { PerigeeError } from '@perigee/wire';

export { openRow } from '@perigee/wasm-codec';

const URLS = { relaxed, simd, scalar };

/** The codec of this thread, on the fastest kernel that the engine runs. Each call makes a new one with memory of its own. */
export async function loadCodec(): Promise<Codec> {
  return createCodec({ module: await loadKernel() });
}

/** What hashes stored files in this thread, likewise. */
export async function loadFileHasher(): Promise<FileHasher> {
  return createFileHasher({ module: await loadKernel() });
}

async function loadKernel(): Promise<WebAssembly.Module> {
  const url = URLS[chooseBuild()];
  try {
    return await WebAssembly.compileStreaming(fetch(url));
  } catch (cause) {
    throw new PerigeeError('UNREACHABLE', `the verification kernel ${url} could not be loaded; reload the page`, { cause });
  }
}
