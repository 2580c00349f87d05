import { PerigeeError } from '@perigee/wire';
import { expect, it } from 'vitest';
import { parseLink } from '../src/link.ts';
import { refused } from '../src/strings/index.ts';

const SENTENCES = /^["A-Z][^.]*[.:](.*[.?!])?$/s;

it('says of every refusal a whole sentence, and what to do next', () => {
  const wrong = (text: string): string => {
    try {
      parseLink(text);
    } catch (thrown) {
      const { code, message } = PerigeeError.from(thrown);
      return refused(code, message);
    }
    throw new Error(`${text} was taken`);
  };
  for (const text of ['xyz', 'ab', '#%', '#what=1', '#peer=x', `01${'ab'.repeat(32)}`]) {
    expect(wrong(text)).toMatch(SENTENCES);
    expect(wrong(text).split(/[.!?] /).length, wrong(text)).toBeGreaterThan(1);
  }
  expect(refused('TIMEOUT', 'no peer answered in 8 s')).toBe(
    'The peers answer too slowly. No peer answered in 8 s. The page keeps trying. If it stays so, check your connection.',
  );
  const notFound = { title: 'The chain knows no such stored file', next: 'That is proved.' };
  expect(refused('NOT_FOUND', 'no file of this root', notFound)).toBe('The chain knows no such stored file. That is proved.');
});
