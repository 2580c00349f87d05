import { describe, expect, it } from 'vitest';
import { openError, writeError } from '../../src/db/errors.ts';

/** As abstract-level wraps what LevelDB said. */
function wrapped(message: string, code: string): Error {
  return new Error('Database failed', { cause: Object.assign(new Error(message), { code }) });
}

describe('an error of LevelDB', () => {
  it('keeps its meaning', () => {
    expect(openError('dir', wrapped('IO error: lock dir/LOCK: already held by process', 'LEVEL_LOCKED')).code).toBe(
      'STORE_LOCKED',
    );
    expect(openError('dir', wrapped('Corruption: 1 missing files', 'LEVEL_CORRUPTION')).code).toBe('STORE_CORRUPT');
    expect(openError('dir', wrapped('IO error: No space left on device', 'LEVEL_IO_ERROR')).code).toBe('STORE_FULL');
    expect(writeError('dir', wrapped('IO error: 000005.log: No space left on device', 'LEVEL_IO_ERROR')).code).toBe('STORE_FULL');
    expect(writeError('dir', wrapped('Corruption: bad record', 'LEVEL_CORRUPTION')).code).toBe('STORE_CORRUPT');
    expect(writeError('dir', new Error('something else')).code).toBe('INTERNAL');
  });
});
