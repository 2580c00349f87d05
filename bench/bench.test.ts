import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { figureFault, reportFault, withinBudget } from './schema.mjs';

const figure = {
  name: 'page.first_share_cold_ms',
  unit: 'ms',
  median: 2,
  min: 1,
  max: 3,
  n: 5,
  budget: 1000,
  peer: { name: 'other', median: 4 },
};

describe('a figure', () => {
  test('is taken', () => {
    expect(figureFault(figure)).toBeUndefined();
    expect(figureFault({ ...figure, budget: null, peer: null })).toBeUndefined();
  });

  test.each([
    ['a bad name', { name: 'First share' }],
    ['no unit', { unit: '' }],
    ['a median outside of its range', { median: 9 }],
    ['what is no number', { max: Number.NaN }],
    ['no samples', { n: 0 }],
    ['a missing budget', { budget: undefined }],
    ['a peer without a name', { peer: { median: 1 } }],
    ['an unknown field', { mean: 2 }],
  ])('is refused with %s', (_, change) => {
    expect(figureFault({ ...figure, ...change })).toBeTypeOf('string');
  });
});

test('a report has machine, commit and each figure once', () => {
  const report = { machine: { cpu: 'x' }, commit: 'abc', figures: [figure] };
  expect(reportFault(report)).toBeUndefined();
  expect(reportFault({ ...report, figures: [figure, figure] })).toContain('twice');
  expect(reportFault({ figures: [] })).toBeTypeOf('string');
});

test('a budget is a floor for rates and a ceiling for the rest', () => {
  expect(withinBudget({ ...figure, median: 2 })).toBe(true);
  expect(withinBudget({ ...figure, unit: 'GB/s', median: 2 })).toBe(false);
  expect(withinBudget({ ...figure, unit: '×', median: 2 })).toBe(false);
  expect(withinBudget({ ...figure, budget: null })).toBeUndefined();
});

test('the README lists each figure that a program reports', () => {
  const programs = readdirSync(new URL('.', import.meta.url)).filter((name) => name.endsWith('.bench.ts'));
  const sources = programs.map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'));
  const reported = sources.flatMap((text) =>
    [...text.matchAll(/\breport\(\s*(['`])([^'`]+)\1/g)].map(([, , name = '']) =>
      name.replaceAll(/\$\{(?:\w+\.)?(\w+)\}/g, (_, part: string) => `<${part.length === 1 ? part.toUpperCase() : part}>`),
    ),
  );
  const listed = [...readFileSync(new URL('README.md', import.meta.url), 'utf8').matchAll(/^\| `([^`]+)`/gm)].map(
    ([, name]) => name,
  );
  expect(listed.sort()).toEqual([...new Set(reported)].sort());
});
