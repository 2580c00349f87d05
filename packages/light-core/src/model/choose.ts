/** Which token comes next: the most likely one, or one drawn from a seed. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, MAX_TEMPERATURE_MILLIONTHS, MAX_TOP_K, MILLIONTHS, PerigeeError, u32be, u64be, utf8 } from '@perigee/wire';
import { powerOfHalf } from './arithmetic.ts';
import { SIGNS } from './tokenizer.ts';

const DOMAIN = utf8('perigee/model/choice/v1');
/** What is less likely than the best by this much, 256 bits, has no share at any temperature. */
const MAX_DISTANCE = 1 << 20;

export interface Sampling {
  /** 0 takes the most likely token, 1,000,000 draws as the model says, more draws more freely. At most MAX_TEMPERATURE_MILLIONTHS. */
  readonly temperatureMillionths: number;
  /** Draw among the most likely tokens that together have this share, 0 to 1,000,000, which is all. */
  readonly topPMillionths: number;
  /** Draw among at most this many of the most likely tokens, 1 to MAX_TOP_K. */
  readonly topK: number;
  /** 0 to 2^53 - 1. The same seed draws the same. */
  readonly seed: number;
}

/** @throws INVALID_ARGUMENT */
export function checkSampling({ temperatureMillionths, topPMillionths, topK, seed }: Sampling): void {
  check('temperature', temperatureMillionths, 0, MAX_TEMPERATURE_MILLIONTHS);
  check('top-p', topPMillionths, 0, MILLIONTHS);
  check('top-k', topK, 1, MAX_TOP_K);
  check('seed', seed, 0, Number.MAX_SAFE_INTEGER);
}

function check(name: string, value: number, least: number, most: number): void {
  if (Number.isSafeInteger(value) && value >= least && value <= most) return;
  throw new PerigeeError('INVALID_ARGUMENT', `${name} ${value} is no whole number from ${least} to ${most}`);
}

/**
 * Of equally likely tokens the lower number comes first. Signs other than the end are never chosen.
 *
 * @param logits of base 2, with 12 fractional bits
 * @param index of the choice in its answer: each draws anew
 */
export function chooseToken(logits: Int32Array, sampling: Sampling, index: number): number {
  const { temperatureMillionths, topPMillionths, topK, seed } = sampling;
  if (temperatureMillionths === 0 || topK === 1) return mostLikely(logits);
  const ranked = allowed(logits)
    .sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b)
    .slice(0, topK);
  const best = logits[ranked[0] as number] as number;
  const shares = ranked.map((token) => {
    const distance = Math.min(best - (logits[token] as number), MAX_DISTANCE);
    // whole numbers below 2^53, so the whole part of their quotient is exact
    return powerOfHalf(Math.min(Math.floor((distance * MILLIONTHS) / temperatureMillionths), 0x7fff_ffff));
  });
  const kept = withinShare(shares, topPMillionths);
  let left = below(kept.reduce(add, 0), seed, index);
  const at = kept.findIndex((share) => {
    left -= share;
    return left < 0;
  });
  return ranked[at] as number;
}

/** The first shares that together have so many millionths of all, at least one. */
function withinShare(shares: readonly number[], millionths: number): readonly number[] {
  const wanted = Math.floor((shares.reduce(add, 0) * millionths) / MILLIONTHS);
  let sum = 0;
  const last = shares.findIndex((share) => {
    sum += share;
    return sum >= wanted;
  });
  return shares.slice(0, last + 1);
}

function add(a: number, b: number): number {
  return a + b;
}

function mostLikely(logits: Int32Array): number {
  return allowed(logits).reduce((best, token) => ((logits[token] as number) > (logits[best] as number) ? token : best));
}

/** Ascending. */
function allowed(logits: Int32Array): number[] {
  const tokens: number[] = [];
  for (let token = 0; token < logits.length; token++) if (token <= SIGNS.end || token > SIGNS.assistant) tokens.push(token);
  return tokens;
}

/** A whole number from 0 to `bound` - 1 that nobody can tell in advance without the seed. */
function below(bound: number, seed: number, index: number): number {
  const hash = sha256(concat(DOMAIN, u64be(seed), u32be(index)));
  const bits = new DataView(hash.buffer, hash.byteOffset).getUint32(0);
  return Number((BigInt(bits) * BigInt(bound)) >> 32n);
}
