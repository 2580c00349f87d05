import { expect, test } from 'vitest';
import { createRandom } from './index.ts';

test('equal seeds give equal choices', () => {
  const [a, b, c] = [createRandom(7), createRandom(7), createRandom(8)];
  expect(a.bytes(64)).toEqual(b.bytes(64));
  expect(a.shuffled([1, 2, 3, 4, 5])).toEqual(b.shuffled([1, 2, 3, 4, 5]));
  expect(c.bytes(64)).not.toEqual(createRandom(7).bytes(64));
});

test('choices lie in their range and reach all of it', () => {
  const random = createRandom(1);
  const seen = new Set(Array.from({ length: 1000 }, () => random.between(3, 9)));
  expect([...seen].sort()).toEqual([3, 4, 5, 6, 7, 8, 9]);
  expect(new Set(random.bytes(10_000)).size).toBe(256);
});
