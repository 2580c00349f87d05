import { expect, test } from 'vitest';
import { FairPlaces } from '../src/index.ts';

/** Takes places, and says which were lost. */
function book(places: number, perPeer?: number) {
  const fair = new FairPlaces(places, perPeer);
  const lost: string[] = [];
  const leaves: (() => void)[] = [];
  const take = (peerId: string, network: string): boolean => {
    const leave = fair.take({ peerId, remoteAddress: `/ip4/${network}/tcp/1` }, () => lost.push(peerId));
    if (leave !== undefined) leaves.push(leave);
    return leave !== undefined;
  };
  return { take, lost, leaves };
}

test('places are for whoever comes first, until all are taken', () => {
  const { take, lost, leaves } = book(2);
  expect([take('a', '10.0.0.1'), take('b', '10.0.0.2'), take('c', '10.0.0.3')]).toEqual([true, true, false]);
  leaves[0]?.();
  leaves[0]?.();
  expect([take('c', '10.0.0.3'), take('d', '10.0.0.4')]).toEqual([true, false]);
  expect(lost).toEqual([]);
});

test('many peers of one network make room for another network, the one that has held longest first', () => {
  const { take, lost, leaves } = book(4);
  for (const peer of ['a', 'b', 'c', 'd']) take(peer, '10.0.0.1');
  expect(take('e', '10.0.0.2')).toBe(true);
  expect(lost).toEqual(['a']);
  leaves[0]?.(); // what is lost is not given back once more
  expect(take('e', '10.0.0.2')).toBe(true);
  expect(take('e', '10.0.0.2')).toBe(false); // each has as many as the other
  expect(take('f', '10.0.0.1')).toBe(false);
  expect(lost).toEqual(['a', 'b']);
});

test('in one network the peer that has most makes room for another', () => {
  const { take, lost } = book(4);
  for (const peer of ['a', 'b', 'b', 'b']) take(peer, '10.0.0.1');
  expect(take('c', '10.0.0.1')).toBe(true);
  expect(lost).toEqual(['b']);
  expect(take('c', '10.0.0.1')).toBe(false);
  expect(take('a', '10.0.0.1')).toBe(false);
});

test('who has one place keeps it, however many peers of the same network come', () => {
  const { take, lost } = book(5);
  for (const peer of ['a', 'b', 'b', 'b']) take(peer, '10.0.0.1');
  take('c', '10.0.0.2');
  const taken = Array.from({ length: 10 }, (_, i) => take(`z${i}`, '10.0.0.1')).filter((isTaken) => isTaken);
  expect(taken).toHaveLength(2);
  expect(lost).toEqual(['b', 'b']);
  expect(take('c', '10.0.0.2')).toBe(true);
});

test('one peer has no more than it may, though nobody else comes', () => {
  const { take, leaves } = book(5, 2);
  expect([take('a', '10.0.0.1'), take('a', '10.0.0.2'), take('a', '10.0.0.3')]).toEqual([true, true, false]);
  leaves[0]?.();
  expect(take('a', '10.0.0.3')).toBe(true);
});
