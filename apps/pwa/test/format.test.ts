import { describe, expect, it } from 'vitest';
import { age, microseconds, milliseconds, namespace, percent, shortHex, shortPeer, size, time } from '../src/format.ts';

describe('format', () => {
  it('gives sizes in binary units', () => {
    expect([0, 512, 1024, 4544, 4_194_304, 32_505_852].map(size)).toEqual([
      '0 B',
      '512 B',
      '1 KiB',
      '4.4 KiB',
      '4 MiB',
      '31 MiB',
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
});
