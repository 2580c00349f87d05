/** Writes ONNX models, as far as tests need them: protobuf by hand, so that what is run is a file as any exporter writes it. */
import { concatAll, utf8 } from '@perigee/wire';

export const FLOAT = 1;
export const INT64 = 7;

export interface TensorShape {
  readonly name: string;
  readonly type: number;
  /** A text stands for a size that is known only when it runs. */
  readonly dims: readonly (number | string)[];
}

export interface OnnxNode {
  readonly op: string;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  readonly domain?: string;
}

export interface OnnxGraph {
  readonly inputs: readonly TensorShape[];
  readonly outputs: readonly TensorShape[];
  readonly nodes: readonly OnnxNode[];
  /** Constants of 32-bit floats. */
  readonly weights: readonly { readonly name: string; readonly dims: readonly number[]; readonly values: Float32Array }[];
}

/** @returns the bytes of a ModelProto, operators of version 13 */
export function onnxModel({ inputs, outputs, nodes, weights }: OnnxGraph): Uint8Array {
  const graph = concatAll([
    ...nodes.map(({ op, inputs: from, outputs: to, domain }) =>
      nested(1, [
        ...from.map((name) => text(1, name)),
        ...to.map((name) => text(2, name)),
        text(4, op),
        ...(domain === undefined ? [] : [text(7, domain)]),
      ]),
    ),
    text(2, 'graph'),
    ...weights.map(({ name, dims, values }) =>
      nested(5, [
        ...dims.map((dim) => number(1, dim)),
        number(2, FLOAT),
        text(8, name),
        field(9, new Uint8Array(values.buffer, values.byteOffset, values.byteLength)),
      ]),
    ),
    ...inputs.map((input) => nested(11, valueInfo(input))),
    ...outputs.map((output) => nested(12, valueInfo(output))),
  ]);
  return concatAll([number(1, 8), field(7, graph), nested(8, [number(2, 13)])]);
}

function valueInfo({ name, type, dims }: TensorShape): Uint8Array[] {
  const shape = nested(
    2,
    dims.map((dim) => nested(1, [typeof dim === 'number' ? number(1, dim) : text(2, dim)])),
  );
  return [text(1, name), nested(2, [nested(1, [number(1, type), shape])])];
}

function nested(tag: number, parts: readonly Uint8Array[]): Uint8Array {
  return field(tag, concatAll(parts));
}

function text(tag: number, value: string): Uint8Array {
  return field(tag, utf8(value));
}

function field(tag: number, bytes: Uint8Array): Uint8Array {
  return concatAll([varint(tag * 8 + 2), varint(bytes.length), bytes]);
}

function number(tag: number, value: number): Uint8Array {
  return concatAll([varint(tag * 8), varint(value)]);
}

function varint(value: number): Uint8Array {
  const out: number[] = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) out.push((rest % 128) + 128);
  return Uint8Array.from([...out, rest]);
}
