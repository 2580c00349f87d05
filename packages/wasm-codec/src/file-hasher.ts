import { FILE_CHUNK_BYTES, FILE_SEGMENT_CHUNKS, MAX_CODEC_MEMORY_BYTES, PerigeeError } from '@perigee/wire';
import { INITIAL_PAGES, Kernel } from './kernel.ts';

/** Keccak-256 and the trees of stored files (`docs/codec.md`). It keeps no state; one hasher belongs to one thread. */
export interface FileHasher {
  /** @returns 32 bytes @throws OUT_OF_MEMORY */
  keccak256(data: Uint8Array): Uint8Array<ArrayBuffer>;
  /**
   * The tree over a run of chunks of 256 bytes, at most a segment: `data`, then zeros.
   *
   * @param data at most `chunks` · 256 bytes; the rest is zeros, which cost nothing
   * @param chunks 1 to 1,024
   * @returns the root, 32 bytes
   * @throws INVALID_ARGUMENT
   */
  root(data: Uint8Array, chunks: number): Uint8Array<ArrayBuffer>;
  /**
   * The same with all its nodes, for proofs inside of the run.
   *
   * @returns levels one after another, leaves first, the root last; level k has ⌈chunks / 2^k⌉ nodes of 32 bytes
   * @throws INVALID_ARGUMENT
   */
  levels(data: Uint8Array, chunks: number): Uint8Array<ArrayBuffer>;
}

/**
 * @param options `module`: one of the builds in `@perigee/wasm-codec/wasm`, compiled; `memory`: a new, unshared memory for this hasher
 *   alone, where the host wants to give it
 */
export function createFileHasher(options: {
  readonly module: WebAssembly.Module;
  readonly memory?: WebAssembly.Memory;
}): FileHasher {
  const memory = options.memory ?? new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAX_CODEC_MEMORY_BYTES / 65_536 });
  const kernel = new Kernel(options.module, memory, undefined);

  /** Hash the run, and read the last `wanted` of its nodes. */
  function hash(data: Uint8Array, chunks: number, wanted: number): Uint8Array<ArrayBuffer> {
    const nodes = nodesOver(chunks);
    const withData = Math.ceil(data.length / FILE_CHUNK_BYTES);
    if (withData > chunks) {
      throw new PerigeeError('INVALID_ARGUMENT', `${data.length} bytes do not fit into ${chunks} chunks of ${FILE_CHUNK_BYTES}`);
    }
    return kernel.scratch((allocate) => {
      const at = allocate(withData * FILE_CHUNK_BYTES);
      const out = allocate(32 * nodes);
      kernel.write(at, data);
      kernel.bytes.fill(0, at + data.length, at + withData * FILE_CHUNK_BYTES);
      kernel.call.file_tree(at, withData, chunks, out);
      return kernel.read(out + 32 * (nodes - wanted), 32 * wanted);
    });
  }

  return {
    keccak256: (data) =>
      kernel.scratch((allocate) => {
        const at = allocate(data.length);
        const out = allocate(32);
        kernel.write(at, data);
        kernel.call.keccak256(at, data.length, out);
        return kernel.read(out, 32);
      }),
    root: (data, chunks) => hash(data, chunks, 1),
    levels: (data, chunks) => hash(data, chunks, nodesOver(chunks)),
  };
}

/** Nodes of all levels over `chunks` leaves. @throws INVALID_ARGUMENT */
function nodesOver(chunks: number): number {
  if (!Number.isInteger(chunks) || chunks < 1 || chunks > FILE_SEGMENT_CHUNKS) {
    throw new PerigeeError('INVALID_ARGUMENT', `a run has 1 to ${FILE_SEGMENT_CHUNKS} chunks, not ${chunks}`);
  }
  let nodes = chunks;
  for (let level = chunks; level > 1; nodes += level) level = Math.ceil(level / 2);
  return nodes;
}
