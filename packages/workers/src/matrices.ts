import { readFile } from 'node:fs/promises';
import { chooseBuild, createMatrices, type Matrices } from '@perigee/wasm-codec';
import { builtFile } from './node.ts';

/** The kernel of the int8 model for this thread; none where the engine has no SIMD, and TypeScript must do. */
export async function loadMatrices(): Promise<Matrices | undefined> {
  if (chooseBuild() === 'scalar') return undefined;
  return createMatrices({
    module: await WebAssembly.compile(await readFile(builtFile('wasm/model.simd.wasm', import.meta.url))),
  });
}
