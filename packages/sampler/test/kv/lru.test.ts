import { expect, it } from 'vitest';
import { createRandom } from '../../../../tests/kit/random.ts';
import { Lru } from '../../src/kv/lru.ts';

it('gives up what was used longest ago, as a list would', () => {
  const random = createRandom(11);
  const lru = new Lru<number>();
  let list: [string, number][] = [];
  for (let i = 0; i < 5_000; i++) {
    const name = `${random.below(20)}`;
    const there = list.find(([one]) => one === name);
    const others = list.filter(([one]) => one !== name);
    switch (random.pick(['set', 'use', 'peek', 'shift'] as const)) {
      case 'set':
        lru.set(name, i);
        list = [...others, [name, i]];
        break;
      case 'use':
        expect(lru.use(name)).toBe(there?.[1]);
        if (there !== undefined) list = [...others, there];
        break;
      case 'peek':
        expect(lru.peek(name)).toBe(there?.[1]);
        break;
      case 'shift':
        expect(lru.shift()).toBe(list.shift()?.[1]);
    }
    expect([...lru.names()].sort()).toEqual(list.map(([one]) => one).sort());
  }
});
