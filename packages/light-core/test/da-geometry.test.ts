import { blobGeometry, checkGeometry, packBlob, type Redundancy, redundancyOf, unpackBlob } from '@perigee/light-core/da';
import { concat, MAX_BLOB_BYTES, MAX_BLOB_BYTES_8X, type PerigeeError, u32be } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as PerigeeError).code;
  }
  return 'none';
};

describe('blobGeometry', () => {
  it.each([
    [1, 4, 64, 192, 64],
    [64 * 64 - 5, 2, 64, 64, 64],
    [64 * 64 - 4, 2, 64, 64, 128],
    [64 * 8192 - 5, 4, 64, 192, 8192],
    [64 * 8192 - 4, 4, 256, 768, 2112],
    [256 * 8192 - 5, 4, 256, 768, 8192],
    [256 * 8192 - 4, 4, 1024, 3072, 2112],
    [1 << 20, 4, 256, 768, 4160],
    [4 << 20, 4, 1024, 3072, 4160],
    [MAX_BLOB_BYTES_8X, 8, 1024, 7168, 8192],
    [MAX_BLOB_BYTES_8X + 1, 4, 4096, 12288, 2112],
    [MAX_BLOB_BYTES, 4, 4096, 12288, 8000],
  ])('%i bytes at %i×', (length, redundancy, k, n, rowSize) => {
    expect(blobGeometry(length, redundancy as Redundancy)).toEqual({ k, n, rowSize });
  });

  it('refuses lengths and redundancies that do not exist', () => {
    for (const length of [0, -1, 1.5, Number.NaN, MAX_BLOB_BYTES + 1])
      expect(code(() => blobGeometry(length, 4))).toBe('BLOB_LENGTH');
    expect(code(() => blobGeometry(MAX_BLOB_BYTES_8X + 1, 8))).toBe('BLOB_LENGTH');
    expect(code(() => blobGeometry(1, 3 as Redundancy))).toBe('BLOB_GEOMETRY');
  });

  it('has a redundancy of 2, 4 or 8', () => {
    for (const redundancy of [2, 4, 8]) expect(redundancyOf({ k: 64, n: 64 * (redundancy - 1) })).toBe(redundancy);
    for (const n of [0, 63, 65, 128, 511, 512]) expect(code(() => redundancyOf({ k: 64, n }))).toBe('BLOB_GEOMETRY');
  });

  it('is the only geometry that checkGeometry takes', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: MAX_BLOB_BYTES }), fc.constantFrom<Redundancy>(2, 4), (length, redundancy) => {
        const shape = { ...blobGeometry(length, redundancy), length };
        expect(checkGeometry(shape)).toBe(shape);
        expect(redundancyOf(shape)).toBe(redundancy);
        expect(code(() => checkGeometry({ ...shape, k: shape.k * 4, n: shape.n * 4 }))).toBe('BLOB_GEOMETRY');
        expect(code(() => checkGeometry({ ...shape, n: shape.n + shape.k }))).toBe('BLOB_GEOMETRY');
        expect(code(() => checkGeometry({ ...shape, rowSize: shape.rowSize + 64 }))).toBe('BLOB_GEOMETRY');
        expect(code(() => checkGeometry({ ...shape, k: 0 }))).toBe('BLOB_GEOMETRY');
        expect(code(() => checkGeometry({ ...shape, length: 0 }))).toBe('BLOB_LENGTH');
      }),
    );
  });
});

describe('packBlob and unpackBlob', () => {
  const data = Uint8Array.from({ length: 5000 }, (_, i) => i * 7);
  const geometry = blobGeometry(data.length, 4);
  const record = { ...geometry, length: data.length };
  const rows = packBlob(data, geometry);
  const changed = (at: number, value: number): Uint8Array => {
    const copy = rows.slice();
    copy[at] = value;
    return copy;
  };

  it('gives back what was packed', () => {
    expect(rows.length).toBe(geometry.k * geometry.rowSize);
    expect(rows.subarray(0, 5)).toEqual(concat(Uint8Array.of(0), u32be(5000)));
    expect(unpackBlob(rows, record)).toEqual(data);
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 20_000 }), (bytes) => {
        const shape = blobGeometry(bytes.length, 2);
        expect(unpackBlob(packBlob(bytes, shape), { ...shape, length: bytes.length })).toEqual(bytes);
      }),
    );
  });

  it('refuses what does not fit', () => {
    expect(code(() => packBlob(new Uint8Array(0), geometry))).toBe('BLOB_LENGTH');
    const room = rows.length - 5;
    expect(code(() => packBlob(new Uint8Array(room + 1), geometry))).toBe('BLOB_LENGTH');
    expect(unpackBlob(packBlob(new Uint8Array(room), geometry), { ...record, length: room })).toHaveLength(room);
  });

  it('refuses another version, length, geometry and padding', () => {
    expect(code(() => unpackBlob(changed(0, 1), record))).toBe('BLOB_VERSION');
    expect(code(() => unpackBlob(changed(4, (rows[4] as number) ^ 1), record))).toBe('BLOB_LENGTH');
    expect(code(() => unpackBlob(rows, { ...record, length: 4999 }))).toBe('BLOB_LENGTH');
    expect(code(() => unpackBlob(rows.subarray(64), record))).toBe('BLOB_GEOMETRY');
    expect(code(() => unpackBlob(rows, { ...record, rowSize: record.rowSize + 64 }))).toBe('BLOB_GEOMETRY');
    expect(code(() => unpackBlob(rows, { ...record, k: 256 }))).toBe('BLOB_GEOMETRY');
    // the same bytes cut into 256 rows: right length, but not the geometry of that length
    const wide = concat(rows, new Uint8Array(256 * 64 - rows.length));
    expect(code(() => unpackBlob(wide, { k: 256, rowSize: 64, length: 5000 }))).toBe('BLOB_GEOMETRY');
    expect(code(() => unpackBlob(changed(5005, 1), record))).toBe('BLOB_PADDING');
    expect(code(() => unpackBlob(changed(rows.length - 1, 255), record))).toBe('BLOB_PADDING');
    const empty = changed(3, 0);
    empty[4] = 0;
    expect(code(() => unpackBlob(empty, { ...record, length: 0 }))).toBe('BLOB_LENGTH');
  });
});
