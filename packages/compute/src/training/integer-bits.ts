import { createNetwork, type MatrixKernel, Passage, parseWeights } from '@perigee/light-core/model';

/** Fractional bits of a logit. */
const UNIT = 4_096;

/** Bits of all tokens after the first in the integer model, each given those before it in its reach: what `TrainingKernel.evaluate` is in single precision. */
export function integerBits(file: Uint8Array, kernel: MatrixKernel, tokens: Int32Array): number {
  const network = createNetwork(parseWeights(file), kernel);
  const { reach } = network.weights.shape;
  let bits = 0;
  for (let from = 0; from + 1 < tokens.length; from += reach) {
    const start = Math.max(0, Math.min(from, tokens.length - 1 - reach));
    const passage = new Passage(network);
    for (let i = start; i < start + reach && i + 1 < tokens.length; i++) {
      passage.read(tokens[i] as number);
      if (i >= from) bits += bitsOf(passage.logits(), tokens[i + 1] as number);
    }
  }
  return bits;
}

function bitsOf(logits: Int32Array, token: number): number {
  const most = logits.reduce((best, logit) => Math.max(best, logit));
  const sum = logits.reduce((total, logit) => total + 2 ** ((logit - most) / UNIT), 0);
  return Math.log2(sum) + (most - (logits[token] as number)) / UNIT;
}
