import { MAX_WEBTRANSPORT_MEMORY_BYTES, MAX_WEBTRANSPORT_MEMORY_LOOKS } from '@perigee/wire';
import { expect, test } from 'vitest';
import { MemoryWatch } from '../../src/webtransport/sidecar/memory-watch.ts';

const [LITTLE, MUCH] = [MAX_WEBTRANSPORT_MEMORY_BYTES - 1, MAX_WEBTRANSPORT_MEMORY_BYTES];

test('a process that nobody is left to free ends at once', () => {
  const watch = new MemoryWatch();
  expect([watch.look(LITTLE, 0), watch.look(MUCH, 1), watch.look(MUCH, 0)]).toEqual(['nothing', 'shed', 'end']);
});

test('one that grows whatever is shed ends after so many looks, though guests come again and again', () => {
  const watch = new MemoryWatch();
  const looks = Array.from({ length: MAX_WEBTRANSPORT_MEMORY_LOOKS + 1 }, () => watch.look(MUCH, 5));
  expect(looks.slice(0, -1)).toEqual(Array(MAX_WEBTRANSPORT_MEMORY_LOOKS).fill('shed'));
  expect(looks.at(-1)).toBe('end');
});

test('one that gets its memory back is counted anew', () => {
  const watch = new MemoryWatch();
  for (let round = 0; round < 3; round++) {
    for (let i = 0; i < MAX_WEBTRANSPORT_MEMORY_LOOKS; i++) expect(watch.look(MUCH, 5)).toBe('shed');
    expect(watch.look(LITTLE, 5)).toBe('nothing');
  }
});
