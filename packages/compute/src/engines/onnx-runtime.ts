/** What is used of packages that an operator installs, whose own types are not here. */

export interface OnnxTensor {
  readonly type: string;
  readonly dims: readonly number[];
  readonly data: unknown;
}

export interface OnnxSession {
  readonly inputNames: readonly string[];
  readonly outputNames: readonly string[];
  readonly inputMetadata: readonly {
    readonly name: string;
    readonly isTensor: boolean;
    readonly type?: string;
    readonly shape: readonly (number | string)[];
  }[];
  run(feeds: Readonly<Record<string, OnnxTensor>>, options: object): Promise<Readonly<Record<string, OnnxTensor>>>;
}

/** Of `onnxruntime-web`. */
export interface OnnxRuntime {
  readonly env: { readonly wasm: { numThreads?: number; proxy?: boolean } };
  readonly InferenceSession: { create(model: Uint8Array, options: object): Promise<OnnxSession> };
  readonly Tensor: new (type: string, data: BigInt64Array | Float32Array, dims: readonly number[]) => OnnxTensor;
}

/** Of `@huggingface/tokenizers`. */
export interface TextTokenizer {
  encode(text: string): { readonly ids: readonly number[] };
}
