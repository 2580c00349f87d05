import { readFile } from 'node:fs/promises';
import { builtFile } from '@perigee/workers/node';
import { parameterCount, type TrainingShape } from './shape.ts';

interface Exports {
  setup(vocabulary: number, width: number, layers: number, heads: number, inner: number, length: number): number;
  parameters_at(): number;
  gradients_at(): number;
  tokens_at(): number;
  slopes_at(): number;
  prepare(): void;
  clear_gradients(): void;
  evaluate(from: number): number;
  learn(scale: number): number;
  update(rate: number, decay: number, correct1: number, correct2: number, most: number): void;
}

const PAGE_BYTES = 65_536;
/** Fits the stack and the constants. */
const INITIAL_PAGES = 4;

/** The model in single precision, its gradient and its optimiser, in one memory (`rust-free-wasm/train`). */
export class TrainingKernel {
  readonly parameters: Float32Array<ArrayBuffer>;
  readonly gradients: Float32Array<ArrayBuffer>;
  readonly #tokens: Int32Array<ArrayBuffer>;
  readonly #call: Exports;
  readonly #length: number;

  private constructor(call: Exports, memory: WebAssembly.Memory, shape: TrainingShape) {
    this.#call = call;
    this.#length = shape.length;
    const end = call.setup(shape.vocabulary, shape.width, shape.layers, shape.heads, shape.inner, shape.length);
    memory.grow(Math.max(0, Math.ceil((end - memory.buffer.byteLength) / PAGE_BYTES)));
    this.parameters = new Float32Array(memory.buffer, call.parameters_at(), parameterCount(shape));
    this.gradients = new Float32Array(memory.buffer, call.gradients_at(), parameterCount(shape));
    this.#tokens = new Int32Array(memory.buffer, call.tokens_at(), shape.length + 1);
    new Uint8Array(memory.buffer, call.slopes_at(), shape.heads).set(shape.slopes);
  }

  static async load(shape: TrainingShape): Promise<TrainingKernel> {
    const module = await WebAssembly.compile(await readFile(builtFile('wasm/train.simd.wasm', import.meta.url)));
    const memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: 16_384 });
    return new TrainingKernel(new WebAssembly.Instance(module, { env: { memory } }).exports as unknown as Exports, memory, shape);
  }

  /** After the parameters were written. */
  prepare(): void {
    this.#call.prepare();
  }

  /** @param sequences each of `length` + 1 tokens @returns their bits; `gradients` is then the sum of theirs, times `scale` */
  learn(sequences: readonly Int32Array[], scale: number): number {
    this.#call.clear_gradients();
    let bits = 0;
    for (const sequence of sequences) {
      this.#tokens.set(sequence);
      bits += this.#call.learn(scale);
    }
    return bits;
  }

  /** Bits of all tokens after the first, each given those before it in its window of `length`. */
  evaluate(tokens: Int32Array): number {
    let bits = 0;
    for (let from = 0; from + 1 < tokens.length; from += this.#length) {
      const start = Math.max(0, Math.min(from, tokens.length - 1 - this.#length));
      this.#tokens.set(tokens.subarray(start, start + this.#length + 1));
      bits += this.#call.evaluate(from - start);
    }
    return bits;
  }

  /** A step of Adam by `gradients`, whose length is cut to `most`. */
  update(options: {
    readonly rate: number;
    readonly decay: number;
    readonly correct1: number;
    readonly correct2: number;
    readonly most: number;
  }): void {
    this.#call.update(options.rate, options.decay, options.correct1, options.correct2, options.most);
  }
}
