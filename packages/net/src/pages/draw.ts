import { cryptoRandomBytes } from '../random.ts';

/** Some of a list, by chance and in no order, so that nobody is always or never among them. */
export function drawSome<T>(list: readonly T[], count: number): T[] {
  const words = new Uint32Array(cryptoRandomBytes(4 * list.length).slice().buffer);
  const drawn = list.map((item, i) => ({ item, word: words[i] ?? 0 })).sort((a, b) => a.word - b.word);
  return drawn.slice(0, count).map(({ item }) => item);
}
