import { MAX_CODEC_MEMORY_BYTES } from '@perigee/wire';
import { encode, Room } from './code-room.ts';
import { Collection } from './collect.ts';
import { commit, extendAndCommit } from './commit.ts';
import { HashChoice } from './hash-choice.ts';
import { INITIAL_PAGES, Kernel } from './kernel.ts';
import { reconstruct } from './reconstruct.ts';
import type { Codec, Sha256 } from './types.ts';
import { Verifier } from './verify.ts';

/**
 * @param options `module`: one of the builds in `@perigee/wasm-codec/wasm`, compiled; `memory`: a new, unshared memory for this codec
 *   alone, where the host wants to give it; `sha256`: a SHA-256 of the host that may be faster than the kernel's (Node: `node:crypto`);
 *   `now`: monotonic clock in ms, by which it is found out for rows of each length whether it is; without one it is taken to be
 * @returns a codec; it keeps what memory it grew to, at most MAX_CODEC_MEMORY_BYTES
 */
export function createCodec(options: {
  readonly module: WebAssembly.Module;
  readonly memory?: WebAssembly.Memory;
  readonly sha256?: Sha256;
  readonly now?: () => number;
}): Codec {
  const memory = options.memory ?? new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAX_CODEC_MEMORY_BYTES / 65_536 });
  const choice = options.now === undefined ? undefined : new HashChoice(options.now);
  const kernel = new Kernel(options.module, memory, options.sha256, choice);
  const verifier = new Verifier(kernel);
  return {
    encode: (input) => encode(kernel, input),
    room: (shape) => new Room(kernel, shape),
    commit: (input) => commit(kernel, input),
    extendAndCommit: (input) => extendAndCommit(kernel, input),
    prime: (input) => verifier.prime(input),
    verifyRow: (blob, proof) => verifier.verifyRow(blob, proof),
    verifyRows: (blob, proofs) => verifier.verifyRows(blob, proofs),
    collect: (blob) => new Collection(kernel, verifier, blob),
    reconstruct: (input) => reconstruct(kernel, input),
    sha256: (data) => kernel.sha256(data),
  };
}
