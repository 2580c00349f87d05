/** The file of weights, version 1: docs/model.md has its layout. Its storage root is the model root. */
import {
  concatAll,
  fromUtf8,
  MAX_MODEL_COLUMNS,
  MAX_MODEL_CONTEXT,
  MAX_MODEL_HEADS,
  MAX_MODEL_LAYERS,
  MAX_MODEL_NAME_BYTES,
  MAX_MODEL_VOCABULARY,
  MAX_MODEL_WIDTH,
  MAX_MODEL_WINDOW,
  MAX_TOKEN_BYTES,
  MAX_WEIGHTS_BYTES,
  PerigeeError,
  u8,
  u16le,
  utf8,
} from '@perigee/wire';
import { MAX_MULTIPLIER, MAX_SHIFT, MIN_MULTIPLIER, MIN_SHIFT } from './arithmetic.ts';
import { FIRST_MERGE, type Merge } from './tokenizer.ts';

const WEIGHTS_VERSION = 1;
const MAGIC = utf8('PERIGEEW');
/** Magic, version, seven sizes, length of the name. */
const FIXED_BYTES = MAGIC.length + 2 + 7 * 2 + 1;
/** A head with this slope minds no distance. */
export const NO_SLOPE = 31;
const MAX_SLOPE = 12;

export interface ModelShape {
  /** Tokens: a multiple of 4, more than FIRST_MERGE or equal. */
  readonly vocabulary: number;
  /** Numbers of a token's state: a multiple of 16 and of `heads`. */
  readonly width: number;
  readonly layers: number;
  readonly heads: number;
  /** Numbers between the two matrices of a layer's second half: a multiple of 16. */
  readonly inner: number;
  /** Positions that one attends to, itself included. */
  readonly reach: number;
  /** Tokens of prompt and answer together. */
  readonly context: number;
  /** For each head: a score loses 2^-slope of a bit for each position of distance. 0 to 12, or NO_SLOPE. */
  readonly slopes: readonly number[];
}

/** A matrix of int8, row after row, and the scale of each row. */
export interface Matrix {
  readonly rows: number;
  readonly columns: number;
  readonly multipliers: Uint16Array;
  readonly shifts: Uint8Array;
  readonly weights: Int8Array;
}

export interface LayerWeights {
  /** Rows of queries, then of keys, then of values. */
  readonly qkv: Matrix;
  readonly out: Matrix;
  readonly up: Matrix;
  readonly down: Matrix;
}

export interface Weights {
  readonly name: string;
  readonly shape: ModelShape;
  readonly merges: readonly Merge[];
  readonly embedding: Matrix;
  readonly layers: readonly LayerWeights[];
}

/**
 * @param bytes of anyone: all sizes are checked before anything is copied
 * @returns the weights in memory of their own
 * @throws UNKNOWN_VERSION; PARSE when it is no file of weights, a size is out of bounds, or its length is not the one that its sizes give
 */
export function parseWeights(bytes: Uint8Array): Weights {
  if (bytes.length > MAX_WEIGHTS_BYTES) throw bad(`it has ${bytes.length} bytes, and at most ${MAX_WEIGHTS_BYTES} are read`);
  if (bytes.length < FIXED_BYTES) throw bad(`it ends after ${bytes.length} bytes`);
  if (!MAGIC.every((byte, i) => bytes[i] === byte)) throw bad('it does not begin as one');
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = MAGIC.length;
  const u16 = (): number => {
    at += 2;
    return view.getUint16(at - 2, true);
  };
  const version = u16();
  if (version !== WEIGHTS_VERSION)
    throw new PerigeeError('UNKNOWN_VERSION', `weights of version ${version}: this program reads version ${WEIGHTS_VERSION}`, {
      data: { version },
    });
  const [vocabulary, width, layers, heads, inner, reach, context] = [u16(), u16(), u16(), u16(), u16(), u16(), u16()];
  const sizes = { vocabulary, width, layers, heads, inner, reach, context };
  checkSizes(sizes);
  const nameLength = bytes[at++] as number;
  if (nameLength === 0 || nameLength > MAX_MODEL_NAME_BYTES) throw bad(`its name has ${nameLength} bytes`);
  const due = fileLength(sizes, nameLength);
  if (bytes.length !== due) throw bad(`it has ${bytes.length} bytes, and its sizes give ${due}`);

  const slopes = Array.from(bytes.subarray(at, at + heads));
  at += heads;
  const wrong = slopes.find((slope) => slope > MAX_SLOPE && slope !== NO_SLOPE);
  if (wrong !== undefined) throw bad(`a head has slope ${wrong}`);
  const name = fromUtf8(bytes.subarray(at, at + nameLength));
  at += nameLength;
  const merges = Array.from({ length: vocabulary - FIRST_MERGE }, (): Merge => [u16(), u16()]);
  checkMerges(merges);

  const matrix = (rows: number, columns: number): Matrix => {
    const multipliers = Uint16Array.from({ length: rows }, u16);
    const shifts = bytes.slice(at, at + rows);
    at += rows;
    const weights = new Int8Array(bytes.slice(at, at + rows * columns).buffer);
    at += rows * columns;
    checkScales(multipliers, shifts);
    return { rows, columns, multipliers, shifts, weights };
  };
  const embedding = matrix(vocabulary, width);
  const rest = Array.from({ length: layers }, () => ({
    qkv: matrix(3 * width, width),
    out: matrix(width, width),
    up: matrix(inner, width),
    down: matrix(width, inner),
  }));
  return { name, shape: { ...sizes, slopes }, merges, embedding, layers: rest };
}

/** @throws PARSE when `parseWeights` would not take the result */
export function formatWeights({ name, shape, merges, embedding, layers }: Weights): Uint8Array {
  const label = utf8(name);
  const { vocabulary, width, heads, inner, reach, context, slopes } = shape;
  const matrices = [embedding, ...layers.flatMap(({ qkv, out, up, down }) => [qkv, out, up, down])];
  const bytes = concatAll([
    MAGIC,
    ...[WEIGHTS_VERSION, vocabulary, width, layers.length, heads, inner, reach, context].map(u16le),
    u8(label.length),
    Uint8Array.from(slopes),
    label,
    ...merges.flatMap(([left, right]) => [u16le(left), u16le(right)]),
    ...matrices.flatMap(({ multipliers, shifts, weights }) => [
      concatAll(Array.from(multipliers, u16le)),
      shifts,
      new Uint8Array(weights.buffer, weights.byteOffset, weights.length),
    ]),
  ]);
  parseWeights(bytes);
  return bytes;
}

type Sizes = Omit<ModelShape, 'slopes'>;

function checkSizes(sizes: Sizes): void {
  const { vocabulary, width, heads, inner } = sizes;
  const most: Record<keyof Sizes, number> = {
    vocabulary: MAX_MODEL_VOCABULARY,
    width: MAX_MODEL_WIDTH,
    layers: MAX_MODEL_LAYERS,
    heads: MAX_MODEL_HEADS,
    inner: MAX_MODEL_COLUMNS,
    reach: MAX_MODEL_WINDOW,
    context: MAX_MODEL_CONTEXT,
  };
  for (const key of Object.keys(most) as (keyof Sizes)[]) {
    if (sizes[key] < 1 || sizes[key] > most[key]) throw bad(`its ${key} is ${sizes[key]}, and 1 to ${most[key]} are allowed`);
  }
  if (vocabulary < FIRST_MERGE || vocabulary % 4 !== 0) throw bad(`its vocabulary is ${vocabulary}`);
  if (width % 16 !== 0 || inner % 16 !== 0) throw bad(`its width is ${width} and its inner width ${inner}, not multiples of 16`);
  if (width % heads !== 0 || width / heads > 128) throw bad(`its width ${width} cannot be shared by ${heads} heads`);
}

function fileLength({ vocabulary, width, layers, heads, inner }: Sizes, nameLength: number): number {
  const matrix = (rows: number, columns: number): number => rows * (3 + columns);
  const layer = matrix(3 * width, width) + matrix(width, width) + matrix(inner, width) + matrix(width, inner);
  return FIXED_BYTES + heads + nameLength + 4 * (vocabulary - FIRST_MERGE) + matrix(vocabulary, width) + layers * layer;
}

/** Each merge is of tokens before it that have bytes, and not too long. */
function checkMerges(merges: readonly Merge[]): void {
  const lengths = Array.from({ length: FIRST_MERGE }, (_, token): number => (token < 256 ? 1 : 0));
  for (const [i, pair] of merges.entries()) {
    const parts: readonly number[] = pair.map((token) => lengths[token] ?? 0);
    const length = parts.reduce((sum, part) => sum + part, 0);
    if (parts.includes(0) || length > MAX_TOKEN_BYTES) throw bad(`its merge ${i} is of tokens ${pair.join(' and ')}`);
    lengths.push(length);
  }
}

function checkScales(multipliers: Uint16Array, shifts: Uint8Array): void {
  if (!multipliers.every((value) => value === 0 || (value >= MIN_MULTIPLIER && value <= MAX_MULTIPLIER)))
    throw bad('a row has a multiplier out of bounds');
  if (!shifts.every((value) => value >= MIN_SHIFT && value <= MAX_SHIFT)) throw bad('a row has a shift out of bounds');
}

function bad(why: string): PerigeeError {
  return new PerigeeError('PARSE', `this is no file of weights: ${why}; get the file of the model root again`);
}
