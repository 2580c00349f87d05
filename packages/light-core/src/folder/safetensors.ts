/** Headers of safetensors files (github.com/huggingface/safetensors): u64le length, JSON, then the bytes of all tensors. */
import {
  MAX_SAFETENSORS_HEADER_BYTES,
  MAX_TENSOR_DIMENSIONS,
  MAX_TENSOR_NAME_BYTES,
  MAX_TENSOR_TYPE_BYTES,
  PerigeeError,
  utf8,
} from '@perigee/wire';

export const SAFETENSORS_LENGTH_BYTES = 8;

/** Where a tensor is in its file. */
export interface TensorEntry {
  readonly name: string;
  /** As the file says it: `BF16`, `F32`, … */
  readonly dtype: string;
  readonly shape: readonly number[];
  /** Bytes `begin` to `end − 1` of the file. */
  readonly begin: number;
  readonly end: number;
}

/**
 * Bytes of the header behind its length.
 *
 * @param start the first eight bytes of the file
 * @throws PARSE when the file cannot have such a header, or it is longer than is read here
 */
export function safetensorsHeaderBytes(start: Uint8Array, size: number): number {
  if (start.length < SAFETENSORS_LENGTH_BYTES) throw bad('it is too short');
  const length = new DataView(start.buffer, start.byteOffset, SAFETENSORS_LENGTH_BYTES).getBigUint64(0, true);
  if (length < 2n || length > BigInt(MAX_SAFETENSORS_HEADER_BYTES) || length > BigInt(size - SAFETENSORS_LENGTH_BYTES)) {
    throw bad(`its header has ${length} bytes`);
  }
  return Number(length);
}

/**
 * @param header the JSON
 * @param size of the file, bytes
 * @throws PARSE
 */
export function readTensors(header: Uint8Array, size: number): TensorEntry[] {
  let values: unknown;
  try {
    values = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(header));
  } catch (cause) {
    throw new PerigeeError('PARSE', 'this is no safetensors file: its header is not JSON', { cause });
  }
  if (typeof values !== 'object' || values === null || Array.isArray(values)) throw bad('its header is no list of tensors');
  const data = SAFETENSORS_LENGTH_BYTES + header.length;
  const tensors: TensorEntry[] = [];
  for (const [name, value] of Object.entries(values)) {
    if (name !== '__metadata__') tensors.push(tensorOf(name, value, data, size));
  }
  return tensors;
}

function tensorOf(name: string, value: unknown, data: number, size: number): TensorEntry {
  const {
    dtype,
    shape,
    data_offsets: offsets,
  } = (typeof value === 'object' && value !== null ? value : {}) as Record<string, unknown>;
  if (utf8(name).length > MAX_TENSOR_NAME_BYTES) throw bad('the name of a tensor is too long');
  if (typeof dtype !== 'string' || utf8(dtype).length > MAX_TENSOR_TYPE_BYTES) throw bad(`tensor ${name} has no type`);
  if (!isNumbers(shape) || shape.length > MAX_TENSOR_DIMENSIONS) throw bad(`tensor ${name} has no shape`);
  if (!isNumbers(offsets) || offsets.length !== 2) throw bad(`tensor ${name} is nowhere`);
  const [begin = 0, end = 0] = offsets;
  if (begin > end || data + end > size) throw bad(`tensor ${name} is not in the file`);
  return { name, dtype, shape, begin: data + begin, end: data + end };
}

function isNumbers(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => Number.isSafeInteger(one) && one >= 0);
}

function bad(why: string): PerigeeError {
  return new PerigeeError('PARSE', `this is no safetensors file: ${why}`);
}
