import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { ERROR_CODES } from '../../packages/wire/src/error.ts';

test('docs/operations.md says of every error code, and of nothing else, what to do', () => {
  const text = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
  const [, section = ''] = text.split('## When something is wrong');
  const firstCells = section
    .split(/^## /m)[0]
    ?.split('\n')
    .filter((line) => line.startsWith('| `'))
    .map((line) => line.split('|')[1] ?? '');
  const codes = (firstCells ?? []).flatMap((cell) => [...cell.matchAll(/`([A-Z0-9_]+)`/g)].map(([, code]) => code));
  expect([...new Set(codes)].sort()).toEqual([...ERROR_CODES].sort());
});
