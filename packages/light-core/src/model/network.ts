/** One token through the transformer, in integers. docs/model.md names the unit of each number. */
import { clamp, normalise, powerOfHalf, rescale } from './arithmetic.ts';
import type { MatrixKernel, Multiply } from './matrices.ts';
import type { Matrix, Weights } from './weights.ts';
import { NO_SLOPE } from './weights.ts';

/** Queries and keys have 8 fractional bits: products of up to 128 of them are summed in 32 bits. */
const MAX_SCORE_PART = 4_095;
/** What a matrix takes, of 9 or 10 fractional bits: with MAX_MODEL_COLUMNS products of int8, sums stay below 2^31. */
const MAX_INPUT = 16_383;
/** What a matrix adds to the state, of 12 fractional bits: sums of all layers stay below 2^30. */
const MAX_CHANGE = 1 << 24;

interface HeldMatrix {
  readonly matrix: Matrix;
  readonly multiply: Multiply;
}

interface HeldLayer {
  readonly qkv: HeldMatrix;
  readonly out: HeldMatrix;
  readonly up: HeldMatrix;
  readonly down: HeldMatrix;
}

/** Weights made ready to multiply. */
export interface Network {
  readonly weights: Weights;
  readonly embedding: HeldMatrix;
  readonly layers: readonly HeldLayer[];
}

export function createNetwork(weights: Weights, kernel: MatrixKernel): Network {
  const hold = (matrix: Matrix): HeldMatrix => ({ matrix, multiply: kernel.hold(matrix.weights, matrix.rows, matrix.columns) });
  return {
    weights,
    embedding: hold(weights.embedding),
    layers: weights.layers.map(({ qkv, out, up, down }) => ({ qkv: hold(qkv), out: hold(out), up: hold(up), down: hold(down) })),
  };
}

/** What one text has left in the network: keys and values of the last `reach` positions. */
export class Passage {
  readonly #network: Network;
  readonly #keys: readonly Int16Array[];
  readonly #values: readonly Int16Array[];
  readonly #state: Int32Array;
  readonly #input: Int16Array;
  readonly #mixed: Int16Array;
  readonly #inner: Int16Array;
  readonly #sums: Int32Array;
  readonly #scores: Int32Array;
  readonly #logits: Int32Array;
  #position = 0;

  constructor(network: Network) {
    const { width, inner, reach, vocabulary } = network.weights.shape;
    this.#network = network;
    this.#keys = network.layers.map(() => new Int16Array(reach * width));
    this.#values = network.layers.map(() => new Int16Array(reach * width));
    this.#state = new Int32Array(width);
    this.#input = new Int16Array(width);
    this.#mixed = new Int16Array(width);
    this.#inner = new Int16Array(inner);
    this.#sums = new Int32Array(Math.max(3 * width, inner));
    this.#scores = new Int32Array(reach);
    this.#logits = new Int32Array(vocabulary);
  }

  /** Reads the next token. */
  read(token: number): void {
    const { embedding, layers } = this.#network;
    const { width } = this.#network.weights.shape;
    const { multipliers, shifts, weights } = embedding.matrix;
    // eight times the row, as if it were multiplied by 1.0
    for (let i = 0; i < width; i++) {
      const weight = weights[token * width + i] as number;
      this.#state[i] = rescale(weight << 13, multipliers[token] as number, shifts[token] as number);
    }
    for (const [i, layer] of layers.entries()) {
      normalise(this.#state, this.#input);
      this.#attend(layer.qkv, this.#keys[i] as Int16Array, this.#values[i] as Int16Array);
      this.#change(layer.out, this.#mixed);
      normalise(this.#state, this.#input);
      this.#widen(layer.up);
      this.#change(layer.down, this.#inner);
    }
    this.#position++;
  }

  /**
   * What may come next: logarithms of base 2, up to a constant, with 12 fractional bits.
   *
   * @returns one for each token, good until the next call
   */
  logits(): Int32Array {
    const { matrix, multiply } = this.#network.embedding;
    normalise(this.#state, this.#input);
    multiply(this.#input, this.#logits);
    for (let i = 0; i < matrix.rows; i++) {
      const sum = rescale(this.#logits[i] as number, matrix.multipliers[i] as number, matrix.shifts[i] as number);
      this.#logits[i] = clamp(sum, MAX_CHANGE);
    }
    return this.#logits;
  }

  /** `#input` to queries, keys and values, and from them `#mixed`. */
  #attend({ matrix, multiply }: HeldMatrix, keys: Int16Array, values: Int16Array): void {
    const { width, reach } = this.#network.weights.shape;
    const sums = this.#sums.subarray(0, 3 * width);
    multiply(this.#input, sums);
    for (let i = 0; i < 3 * width; i++) {
      const most = i < 2 * width ? MAX_SCORE_PART : MAX_INPUT;
      sums[i] = clamp(rescale(sums[i] as number, matrix.multipliers[i] as number, matrix.shifts[i] as number), most);
    }
    const slot = (this.#position % reach) * width;
    keys.set(sums.subarray(width, 2 * width), slot);
    values.set(sums.subarray(2 * width), slot);
    for (const [head, slope] of this.#network.weights.shape.slopes.entries()) this.#attendWith(head, slope, keys, values);
  }

  #attendWith(head: number, slope: number, keys: Int16Array, values: Int16Array): void {
    const { width, heads, reach } = this.#network.weights.shape;
    const size = width / heads;
    const from = head * size;
    const count = Math.min(this.#position + 1, reach);
    const scores = this.#scores;
    let most = -0x8000_0000;
    for (let distance = 0; distance < count; distance++) {
      const at = ((this.#position - distance) % reach) * width + from;
      let dot = 0;
      for (let i = 0; i < size; i++) dot = (dot + Math.imul(this.#sums[from + i] as number, keys[at + i] as number)) | 0;
      const score = (dot >> 4) - (slope === NO_SLOPE ? 0 : distance << (12 - slope));
      scores[distance] = score;
      if (score > most) most = score;
    }
    let total = 0;
    for (let distance = 0; distance < count; distance++) {
      const share = powerOfHalf(most - (scores[distance] as number));
      scores[distance] = share;
      total += share;
    }
    for (let i = 0; i < size; i++) this.#mixed[from + i] = 0;
    const mix = new Int32Array(size);
    for (let distance = 0; distance < count; distance++) {
      const share = (((scores[distance] as number) << 15) / total) | 0;
      if (share === 0) continue;
      const at = ((this.#position - distance) % reach) * width + from;
      for (let i = 0; i < size; i++) mix[i] = (mix[i] as number) + Math.imul(share, values[at + i] as number);
    }
    for (let i = 0; i < size; i++) this.#mixed[from + i] = ((mix[i] as number) + (1 << 14)) >> 15;
  }

  /** `#input` to `#inner`: the square of what is above zero. */
  #widen({ matrix, multiply }: HeldMatrix): void {
    const sums = this.#sums.subarray(0, matrix.rows);
    multiply(this.#input, sums);
    for (let i = 0; i < matrix.rows; i++) {
      const value = rescale(sums[i] as number, matrix.multipliers[i] as number, matrix.shifts[i] as number);
      const positive = value < 0 ? 0 : clamp(value, MAX_INPUT);
      this.#inner[i] = clamp(Math.imul(positive, positive) >> 11, MAX_INPUT);
    }
  }

  /** Adds a matrix's product to the state. */
  #change({ matrix, multiply }: HeldMatrix, input: Int16Array): void {
    const sums = this.#sums.subarray(0, matrix.rows);
    multiply(input, sums);
    for (let i = 0; i < matrix.rows; i++) {
      const change = rescale(sums[i] as number, matrix.multipliers[i] as number, matrix.shifts[i] as number);
      this.#state[i] = (this.#state[i] as number) + clamp(change, MAX_CHANGE);
    }
  }
}
