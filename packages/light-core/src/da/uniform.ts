const WORDS = 2 ** 32;

/**
 * A number below `choices`, each equally likely: words that would favour small numbers are skipped (PROTOCOL §2).
 *
 * @param choices 1 to 2^32
 * @param nextWord gives 32 random bits
 */
export function uniform(choices: number, nextWord: () => number): number {
  const limit = WORDS - (WORDS % choices);
  let word = nextWord();
  while (word >= limit) word = nextWord();
  return word % choices;
}
