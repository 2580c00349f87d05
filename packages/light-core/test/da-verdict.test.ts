import { checkPrimeRowRoot, verdictOf } from '@perigee/light-core/da';
import { PerigeeError } from '@perigee/wire';
import { describe, expect, it } from 'vitest';

describe('verdictOf', () => {
  it('keeps the fault of a sender apart from the fault of a blob', () => {
    expect(verdictOf(undefined)).toBe('verified');
    expect(verdictOf('ROW_RLC')).toBe('invalid/encoding');
    for (const code of ['ROW_PATH', 'ROW_SIZE', 'ROW_INDEX'] as const) expect(verdictOf(code)).toBe('invalid/peer');
  });

  it('has none for codes that say nothing about a row', () => {
    for (const code of ['INTERNAL', 'OUT_OF_MEMORY', 'COMMITMENT_MISMATCH'] as const) {
      expect(() => verdictOf(code as 'INTERNAL')).toThrow(PerigeeError);
    }
  });
});

describe('checkPrimeRowRoot', () => {
  const root = new Uint8Array(32).fill(1);

  it('takes the row root of the record and no other', () => {
    expect(checkPrimeRowRoot(root, root.slice())).toBeUndefined();
    expect(() => checkPrimeRowRoot(root, new Uint8Array(32))).toThrow(expect.objectContaining({ code: 'ROW_ROOT_MISMATCH' }));
    expect(() => checkPrimeRowRoot(root, root.subarray(1))).toThrow(expect.objectContaining({ code: 'ROW_ROOT_MISMATCH' }));
  });
});
