import { chooseBuild, createMatrices, type Matrices } from '@perigee/wasm-codec';
import simd from '@perigee/wasm-codec/wasm/model.simd.wasm?url';
import { PerigeeError } from '@perigee/wire';

/** The kernel of the int8 model for this thread; none where the engine has no SIMD, and TypeScript must do. */
export async function loadMatrices(): Promise<Matrices | undefined> {
  if (chooseBuild() === 'scalar') return undefined;
  try {
    return createMatrices({ module: await WebAssembly.compileStreaming(fetch(simd)) });
  } catch (cause) {
    throw new PerigeeError('UNREACHABLE', `the kernel ${simd} could not be loaded; reload the page`, { cause });
  }
}
