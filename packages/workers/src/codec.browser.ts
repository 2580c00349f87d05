import {
  type Codec,
  CodecThread,
  chooseBuild,
  createCodec,
  createFileHasher,
  type FileHasher,
  kernelFor,
} from '@perigee/wasm-codec';
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

/** One of the threads that work on rows in one memory. */
export async function loadCodecThread(memory: WebAssembly.Memory, index: number): Promise<CodecThread> {
  const url = URLS[chooseBuild()];
  let bytes: ArrayBuffer;
  try {
    bytes = await (await fetch(url)).arrayBuffer();
  } catch (cause) {
    throw unreachable(url, cause);
  }
  return new CodecThread({ module: await WebAssembly.compile(kernelFor(memory, new Uint8Array(bytes))), memory, index });
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
    throw unreachable(url, cause);
  }
}

function unreachable(url: string, cause: unknown): PerigeeError {
  return new PerigeeError('UNREACHABLE', `the verification kernel ${url} could not be loaded; reload the page`, { cause });
}
