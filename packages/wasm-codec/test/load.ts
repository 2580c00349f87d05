import { type Build, type Codec, createCodec, type Sha256 } from '../src/index.ts';

export const BUILDS: readonly Build[] = ['scalar', 'simd', 'relaxed'];

/** The committed bytes of one build, in Node and in a browser. */
export async function wasmBytes(build: Build): Promise<Uint8Array<ArrayBuffer>> {
  const url = new URL(`../wasm/codec.${build}.wasm`, import.meta.url);
  if (url.protocol !== 'file:') return new Uint8Array(await (await fetch(url)).arrayBuffer());
  const { readFile } = await import('node:fs/promises');
  // Node 20 knows relaxed SIMD behind this flag, which may be set at any time before the module is compiled.
  (await import('node:v8')).setFlagsFromString('--experimental-wasm-relaxed-simd');
  return new Uint8Array(await readFile(url));
}

/** A codec of this build, or `undefined` where the engine lacks its instructions. */
export async function loadCodec(build: Build, sha256?: Sha256): Promise<Codec | undefined> {
  const bytes = await wasmBytes(build);
  if (!WebAssembly.validate(bytes)) return undefined;
  return createCodec({ module: await WebAssembly.compile(bytes), ...(sha256 === undefined ? {} : { sha256 }) });
}
