/** Writes a small GGUF of the Llama architecture with weights drawn from a seed: what it says means nothing, and it is run as any other. */
import { concatAll, u32le, u64le, utf8 } from '@perigee/wire';

const [U32, F32, INT32, STRING, ARRAY] = [4, 6, 5, 8, 9];
const ALIGNMENT = 32;
const [WIDTH, INNER, HEADS, CONTEXT] = [64, 128, 4, 256];
/** Kinds of tokens, as llama.cpp numbers them. */
const [NORMAL, UNKNOWN, CONTROL, BYTE] = [1, 2, 3, 6];

interface Tensor {
  readonly name: string;
  /** The fastest running first. */
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

export function smallGguf(seed: number): Uint8Array {
  const letters = Array.from(' abcdefghijklmnopqrstuvwxyz.', (letter) => (letter === ' ' ? '\u2581' : letter));
  const tokens = [
    { text: '<unk>', kind: UNKNOWN },
    { text: '<s>', kind: CONTROL },
    { text: '</s>', kind: CONTROL },
    ...Array.from({ length: 256 }, (_, i) => ({ text: `<0x${i.toString(16).toUpperCase().padStart(2, '0')}>`, kind: BYTE })),
    ...letters.map((text) => ({ text, kind: NORMAL })),
  ];
  const tensors = tensorsOf(tokens.length, seed);
  const metadata: readonly (readonly [key: string, value: Uint8Array])[] = [
    ['general.architecture', textValue('llama')],
    ['general.name', textValue('small')],
    ['llama.context_length', numberValue(CONTEXT)],
    ['llama.embedding_length', numberValue(WIDTH)],
    ['llama.block_count', numberValue(1)],
    ['llama.feed_forward_length', numberValue(INNER)],
    ['llama.attention.head_count', numberValue(HEADS)],
    ['llama.attention.head_count_kv', numberValue(HEADS)],
    ['llama.rope.dimension_count', numberValue(WIDTH / HEADS)],
    ['llama.attention.layer_norm_rms_epsilon', concatAll([u32le(F32), float(1e-5)])],
    ['tokenizer.ggml.model', textValue('llama')],
    [
      'tokenizer.ggml.tokens',
      listValue(
        STRING,
        tokens.map(({ text }) => text8(text)),
      ),
    ],
    [
      'tokenizer.ggml.scores',
      listValue(
        F32,
        tokens.map((_, i) => float(-i)),
      ),
    ],
    [
      'tokenizer.ggml.token_type',
      listValue(
        INT32,
        tokens.map(({ kind }) => u32le(kind)),
      ),
    ],
    ['tokenizer.ggml.unknown_token_id', numberValue(0)],
    ['tokenizer.ggml.bos_token_id', numberValue(1)],
    ['tokenizer.ggml.eos_token_id', numberValue(2)],
  ];
  let offset = 0;
  const infos = tensors.map(({ name, dims, values }) => {
    const info = concatAll([text8(name), u32le(dims.length), ...dims.map((dim) => u64le(dim)), u32le(0), u64le(offset)]);
    offset += padded(values.byteLength);
    return info;
  });
  const head = concatAll([
    utf8('GGUF'),
    u32le(3),
    u64le(tensors.length),
    u64le(metadata.length),
    ...metadata.flatMap(([key, value]) => [text8(key), value]),
    ...infos,
  ]);
  const data = tensors.map(({ values }) => zeroed(new Uint8Array(values.buffer), padded(values.byteLength)));
  return concatAll([zeroed(head, padded(head.length)), ...data]);
}

function tensorsOf(vocabulary: number, seed: number): Tensor[] {
  let state = seed >>> 0 || 1;
  const draw = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state / 2 ** 32 - 0.5;
  };
  const drawn = (name: string, ...dims: number[]): Tensor => {
    const count = dims.reduce((product, dim) => product * dim, 1);
    return { name: `${name}.weight`, dims, values: Float32Array.from({ length: count }, () => 0.4 * draw()) };
  };
  const ones = (name: string): Tensor => ({ name: `${name}.weight`, dims: [WIDTH], values: new Float32Array(WIDTH).fill(1) });
  return [
    drawn('token_embd', WIDTH, vocabulary),
    ones('output_norm'),
    drawn('output', WIDTH, vocabulary),
    ones('blk.0.attn_norm'),
    ...['attn_q', 'attn_k', 'attn_v', 'attn_output'].map((name) => drawn(`blk.0.${name}`, WIDTH, WIDTH)),
    ones('blk.0.ffn_norm'),
    drawn('blk.0.ffn_gate', WIDTH, INNER),
    drawn('blk.0.ffn_up', WIDTH, INNER),
    drawn('blk.0.ffn_down', INNER, WIDTH),
  ];
}

function numberValue(value: number): Uint8Array {
  return concatAll([u32le(U32), u32le(value)]);
}

function textValue(text: string): Uint8Array {
  return concatAll([u32le(STRING), text8(text)]);
}

function listValue(type: number, values: readonly Uint8Array[]): Uint8Array {
  return concatAll([u32le(ARRAY), u32le(type), u64le(values.length), ...values]);
}

function text8(text: string): Uint8Array {
  const bytes = utf8(text);
  return concatAll([u64le(bytes.length), bytes]);
}

function float(value: number): Uint8Array {
  return new Uint8Array(Float32Array.of(value).buffer);
}

function padded(length: number): number {
  return Math.ceil(length / ALIGNMENT) * ALIGNMENT;
}

function zeroed(bytes: Uint8Array, length: number): Uint8Array {
  const out = new Uint8Array(length);
  out.set(bytes);
  return out;
}
