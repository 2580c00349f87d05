import { expect, test } from 'vitest';
import { Door, type Guest } from '../../src/webtransport/sidecar/door.ts';

const LIMITS = { halfOpen: 4, halfOpenPerPlace: 2, sessions: 3, sessionsPerPlace: 2 };

function guest(place: string, streams = 0): Guest & { closed: boolean } {
  return {
    place,
    streams,
    closed: false,
    close() {
      this.closed = true;
    },
  };
}

test('one place begins few sessions at once; of all, the oldest gives way', () => {
  const door = new Door(LIMITS);
  const [first, second] = [guest('a'), guest('a')];
  expect([first, second, guest('a')].map((each) => door.knock(each))).toEqual([true, true, false]);
  for (const place of ['b', 'c']) expect(door.knock(guest(place))).toBe(true);
  expect(first.closed).toBe(false);
  expect(door.knock(guest('d'))).toBe(true);
  expect([first.closed, second.closed]).toEqual([true, false]);
  expect(door.enter(first)).toBe(false); // its handshake had ended too late
  expect(door.size).toBe(4);
});

test('one place has few sessions, and all together have not many more', () => {
  const door = new Door(LIMITS);
  const entered = ['a', 'a', 'a', 'b', 'c'].map((place) => {
    const each = guest(place);
    return door.knock(each) && door.enter(each);
  });
  expect(entered).toEqual([true, true, false, true, false]);
});

test('short of memory it ends those who have only begun, and whoever has most streams', () => {
  const door = new Door(LIMITS);
  const [few, many, waiting] = [guest('a', 1), guest('b', 9), guest('c')];
  for (const each of [few, many]) door.knock(each) && door.enter(each);
  door.knock(waiting);
  door.shed();
  expect([few.closed, many.closed, waiting.closed]).toEqual([false, true, true]);
  expect(door.size).toBe(1);
  door.shed();
  expect(few.closed).toBe(true);
  expect(door.size).toBe(0);
});
