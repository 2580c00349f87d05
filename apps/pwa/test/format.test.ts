import { describe, expect, it } from 'vitest';
import {
  age,
  bits,
  fraction,
  microseconds,
  milliseconds,
  namespace,
  oneIn,
  percent,
  sentence,
  shortHex,
  shortKey,
  shortPeer,
  size,
  time,
} from '../src/format.ts';

describe('format', () => {
  it('gives sizes in binary units', () => {
    expect([0, 512, 1024, 4544, 4_194_304, 32_505_852, 2 ** 30, 10 * 2 ** 30 + 2 ** 28].map(size)).toEqual([
      '0 B',
      '512 B',
      '1 KiB',
      '4.4 KiB',
      '4 MiB',
      '31 MiB',
      '1 GiB',
      '10.3 GiB',
    ]);
  });

  it('gives durations with the precision that they carry', () => {
    expect([0.42, 9.96, 12.4, 999, 1_240].map(milliseconds)).toEqual(['0.4 ms', '10 ms', '12 ms', '999 ms', '1.2 s']);
    expect([38.4, 999, 1_500].map(microseconds)).toEqual(['38 µs', '999 µs', '1.5 ms']);
  });

  it('gives an age in the two largest units, and none for a time that is ahead', () => {
    expect([-4_000, 0, 59_999, 130_000, 3_900_000, 90_000_000].map(age)).toEqual([
      '0 s',
      '0 s',
      '59 s',
      '2 min 10 s',
      '1 h 5 min',
      '1 d 1 h',
    ]);
  });

  it('never rounds a part up to all', () => {
    expect([1, 0.99999, 0.6667, 0].map(percent)).toEqual(['100 %', '99.9 %', '66.6 %', '0 %']);
  });

  it('shortens ids where they differ', () => {
    expect(shortHex('00ff')).toBe('00ff');
    expect(shortHex('0123456789abcdef0123456789abcdef')).toBe('01234567…abcdef');
    expect(shortKey('0123456789abcdef0123456789abcdef')).toBe('0x01234567…abcdef');
    expect(shortPeer('12D3KooWQn5vYbA9kxJ2hT8eKx3v9TqA')).toBe('…Kx3v9TqA');
  });

  it('shows a namespace as text only when every byte is visible ASCII', () => {
    expect(namespace('70657269676565')).toBe('perigee');
    expect(namespace('7065726967656520')).toBe('7065726967656520');
    expect(namespace('e29c93')).toBe('e29c93');
    expect(namespace('')).toBe('');
  });

  it('adds the date to a time of another day', () => {
    const now = Date.UTC(2026, 10, 23, 12);
    expect(time(now - 1_000, now)).not.toContain('2026');
    expect(time(now - 2 * 86_400_000, now)).toContain('2026');
  });

  it('never rounds confidence up, and never makes a chance smaller than it is', () => {
    expect([0, 39.99, 40.09, 13.56].map(bits)).toEqual(['0', '39.9', '40', '13.5']);
    expect([0, 1, 10, 13.56, 20, 40, 49].map(oneIn)).toEqual([
      '1 in 1',
      '1 in 2',
      '1 in 1 thousand',
      '1 in 12 thousand',
      '1 in 1 million',
      '1 in 1 trillion',
      '1 in 562.9 trillion',
    ]);
    expect(oneIn(60)).toBe('less than 1 in 1,000 trillion');
  });

  it('says an error as a whole sentence, and leaves names as they are', () => {
    expect(sentence('account 0x35 has too little')).toBe('Account 0x35 has too little.');
    expect(sentence('no peer answers: try again!')).toBe('No peer answers: try again!');
    expect(sentence('perigee-chain.json is missing')).toBe('perigee-chain.json is missing.');
    expect(sentence('"ab" is no stream.')).toBe('"ab" is no stream.');
  });

  it('writes small fractions by hand', () => {
    expect([fraction(64, 128), fraction(4096, 16_384), fraction(1, 3)]).toEqual(['1/2', '1/4', '1/3']);
  });
});
