/** What a model must beat: how likely a token is after the one before it, counted in the text that the model is trained on. */

const DISCOUNT = 0.75;

/**
 * A bigram model with absolute discounting, backed by the frequency of single tokens, each counted once more than it was seen.
 *
 * @param tokens to count
 * @returns bits of all tokens after the first of a text
 */
export function bigramBaseline(tokens: Int32Array, vocabulary: number): (text: Int32Array) => number {
  const single = new Float64Array(vocabulary).fill(1);
  const before = new Float64Array(vocabulary);
  const followers = new Float64Array(vocabulary);
  const pairs = new Float64Array(vocabulary * vocabulary);
  for (const [i, token] of tokens.entries()) {
    single[token] = (single[token] as number) + 1;
    const previous = tokens[i - 1];
    if (previous === undefined) continue;
    const pair = previous * vocabulary + token;
    if (pairs[pair] === 0) followers[previous] = (followers[previous] as number) + 1;
    pairs[pair] = (pairs[pair] as number) + 1;
    before[previous] = (before[previous] as number) + 1;
  }
  const total = tokens.length + vocabulary;
  return (text) => {
    let bits = 0;
    for (let i = 1; i < text.length; i++) {
      const previous = text[i - 1] as number;
      const token = text[i] as number;
      const seen = before[previous] as number;
      const alone = (single[token] as number) / total;
      const pair = Math.max(0, (pairs[previous * vocabulary + token] as number) - DISCOUNT);
      bits -= Math.log2(seen === 0 ? alone : (pair + DISCOUNT * (followers[previous] as number) * alone) / seen);
    }
    return bits;
  };
}
