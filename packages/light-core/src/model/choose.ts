/** Which token comes next: the most likely one, or one drawn from a seed. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, MAX_TEMPERATURE, MAX_TOP_K, PerigeeError, u32be, u64be, utf8 } from '@perigee/wire';
import { powerOfHalf } from './arithmetic.ts';
import { SIGNS } from './tokenizer.ts';

const DOMAIN = utf8('perigee/model/choice/v1');
/** What is less likely than the best by this much, 256 bits, has no share at any temperature; the product with 1000 stays below 2^31. */
const MAX_DISTANCE = 1 << 20;

export interface Sampling {
  /** Thousandths: 0 takes the most likely token, 1000 draws as the model says, more draws more freely. At most MAX_TEMPERATURE. */
  readonly temperature: number;
  /** Draw among this many of the most likely tokens, 1 to MAX_TOP_K. */
  readonly topK: number;
  /** 0 to 2^53 - 1. The same seed draws the same. */
  readonly seed: number;
}

/** @throws INVALID_ARGUMENT */
export function checkSampling({ temperature, topK, seed }: Sampling): void {
  const within = (value: number, least: number, most: number): boolean =>
    Number.isSafeInteger(value) && value >= least && value <= most;
  if (!within(temperature, 0, MAX_TEMPERATURE))
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `temperature ${temperature} is no whole number of thousandths up to ${MAX_TEMPERATURE}`,
    );
  if (!within(topK, 1, MAX_TOP_K)) throw new PerigeeError('INVALID_ARGUMENT', `top-k ${topK} is not within 1 and ${MAX_TOP_K}`);
  if (!within(seed, 0, Number.MAX_SAFE_INTEGER))
    throw new PerigeeError('INVALID_ARGUMENT', `seed ${seed} is no whole number from 0 to 2^53 - 1`);
}

/**
 * Of equally likely tokens the lower number comes first. Signs other than the end are never chosen.
 *
 * @param logits of base 2, with 12 fractional bits
 * @param index of the choice in its answer: each draws anew
 */
export function chooseToken(logits: Int32Array, sampling: Sampling, index: number): number {
  if (sampling.temperature === 0 || sampling.topK === 1) return mostLikely(logits);
  const ranked = allowed(logits).sort((a, b) => (logits[b] as number) - (logits[a] as number) || a - b);
  const kept = ranked.slice(0, sampling.topK);
  const best = logits[kept[0] as number] as number;
  const shares = kept.map((token) => {
    const distance = Math.min(best - (logits[token] as number), MAX_DISTANCE);
    return powerOfHalf(((distance * 1_000) / sampling.temperature) | 0);
  });
  const total = shares.reduce((sum, share) => sum + share, 0);
  let left = Number((BigInt(draw(sampling.seed, index)) * BigInt(total)) >> 32n);
  for (const [i, share] of shares.entries()) {
    if (left < share) return kept[i] as number;
    left -= share;
  }
  throw new PerigeeError('INTERNAL', 'no token was chosen');
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

/** 32 bits that nobody can tell in advance without the seed. */
function draw(seed: number, index: number): number {
  const hash = sha256(concat(DOMAIN, u64be(seed), u32be(index)));
  return new DataView(hash.buffer, hash.byteOffset).getUint32(0);
}
