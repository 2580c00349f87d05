import { chunksOf, FIRST_MERGE, type Merge } from '@perigee/light-core/model';
import { MAX_TOKEN_BYTES } from '@perigee/wire';

/**
 * Byte-pair encoding: again and again the pair that is most often there becomes a token; of equally frequent ones the pair of lower tokens.
 *
 * @param texts what to count in
 * @param vocabulary tokens at most
 */
export function learnMerges(texts: readonly Uint8Array[], vocabulary: number): Merge[] {
  const words = wordsOf(texts);
  const lengths = Array.from({ length: FIRST_MERGE }, (_, token): number => (token < 256 ? 1 : 0));
  const merges: Merge[] = [];
  while (FIRST_MERGE + merges.length < vocabulary) {
    const best = mostFrequent(words, lengths, vocabulary);
    if (best === undefined) break;
    const token = FIRST_MERGE + merges.length;
    merges.push(best);
    lengths.push((lengths[best[0]] as number) + (lengths[best[1]] as number));
    for (const { tokens } of words) {
      for (let i = 0; i + 1 < tokens.length; i++)
        if (tokens[i] === best[0] && tokens[i + 1] === best[1]) tokens.splice(i, 2, token);
    }
  }
  return merges;
}

interface Word {
  readonly tokens: number[];
  count: number;
}

function wordsOf(texts: readonly Uint8Array[]): Word[] {
  const words = new Map<string, Word>();
  for (const bytes of texts) {
    for (const [from, to] of chunksOf(bytes)) {
      const tokens = Array.from(bytes.subarray(from, to));
      const key = tokens.join();
      const word = words.get(key);
      if (word === undefined) words.set(key, { tokens, count: 1 });
      else word.count++;
    }
  }
  return [...words.values()];
}

function mostFrequent(words: readonly Word[], lengths: readonly number[], vocabulary: number): Merge | undefined {
  const counts = new Map<number, number>();
  for (const { tokens, count } of words) {
    for (let i = 0; i + 1 < tokens.length; i++) {
      const pair = (tokens[i] as number) * vocabulary + (tokens[i + 1] as number);
      counts.set(pair, (counts.get(pair) ?? 0) + count);
    }
  }
  let best: number | undefined;
  let most = 1;
  for (const [pair, count] of counts) {
    const bytes = (lengths[Math.floor(pair / vocabulary)] as number) + (lengths[pair % vocabulary] as number);
    if (bytes > MAX_TOKEN_BYTES || count < most || (count === most && best !== undefined && pair > best) || count < 2) continue;
    [best, most] = [pair, count];
  }
  return best === undefined ? undefined : [Math.floor(best / vocabulary), best % vocabulary];
}
