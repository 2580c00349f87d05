import fc from 'fast-check';
import { expect, test } from 'vitest';
import { formatTime, parseTime, timestampOfMs, unixMs, unixNanos, ZERO_TIME } from '../../src/comet/index.ts';
import { codeOf } from './asserts.ts';

test.each([
  ['1970-01-01T00:00:00Z', 0, 0],
  ['1970-01-01T00:00:00.000000001Z', 0, 1],
  ['1969-12-31T23:59:59.5Z', -1, 500_000_000],
  ['0001-01-01T00:00:00Z', -62_135_596_800, 0],
  ['0099-12-31T00:00:00Z', -59_011_545_600, 0],
  ['9999-12-31T23:59:59.999999999Z', 253_402_300_799, 999_999_999],
  ['2024-02-29T12:00:00.12Z', 1_709_208_000, 120_000_000],
  ['2023-05-17T14:12:48.347696215Z', 1_684_332_768, 347_696_215],
])('%s', (text, seconds, nanos) => {
  expect(parseTime(text)).toEqual({ seconds, nanos });
  expect(formatTime({ seconds, nanos })).toBe(text);
  expect(unixNanos({ seconds, nanos })).toBe(BigInt(seconds) * 1_000_000_000n + BigInt(nanos));
});

test('Go’s zero time', () => {
  expect(parseTime('0001-01-01T00:00:00Z')).toEqual(ZERO_TIME);
});

test.each([
  '',
  'now',
  '2023-02-29T00:00:00Z',
  '2023-04-31T00:00:00Z',
  '2023-01-01T24:00:00Z',
  '2023-01-01T00:00:60Z',
  '2023-13-01T00:00:00Z',
  '2023-01-01T00:00:00',
  '2023-01-01T00:00:00+01:00',
  '2023-01-01T00:00:00.Z',
  '2023-01-01T00:00:00.1234567891Z',
  '+12023-01-01T00:00:00Z',
  '2023-01-01 00:00:00Z',
])('refuses "%s"', async (text) => {
  expect(await codeOf(() => parseTime(text))).toBe('PARSE');
});

test('every time survives being written', () => {
  const seconds = fc.integer({ min: ZERO_TIME.seconds, max: 253_402_300_799 });
  fc.assert(
    fc.property(seconds, fc.integer({ min: 0, max: 999_999_999 }), (s, nanos) => {
      expect(parseTime(formatTime({ seconds: s, nanos }))).toEqual({ seconds: s, nanos });
    }),
  );
});

test('milliseconds there and back, also before 1970', () => {
  fc.assert(
    fc.property(fc.integer({ min: -1e14, max: 1e14 }), (ms) => {
      const time = timestampOfMs(ms);
      expect(unixMs(time)).toBe(ms);
      expect(time.nanos >= 0 && time.nanos < 1e9).toBe(true);
    }),
  );
});
