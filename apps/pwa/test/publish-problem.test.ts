import { MAX_BLOB_BYTES, MAX_BLOB_BYTES_8X } from '@perigee/wire';
import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../src/model/index.ts';
import { publish } from '../src/strings/below/index.ts';
import { publishProblem } from '../src/view/publish-problem.ts';

/** Longest retention of the chain, blocks. */
const MOST = 1_000_000;

it('takes what a blob can hold, to the byte', () => {
  expect(publishProblem(1, DEFAULT_POLICY, undefined)).toBeUndefined();
  expect(publishProblem(MAX_BLOB_BYTES, DEFAULT_POLICY, MOST)).toBeUndefined();
  expect(publishProblem(MAX_BLOB_BYTES_8X, { ...DEFAULT_POLICY, redundancy: 8 }, MOST)).toBeUndefined();
});

it('says what is wrong before anything is read', () => {
  expect(publishProblem(0, DEFAULT_POLICY, MOST)).toBe(publish.problem.empty);
  expect(publishProblem(MAX_BLOB_BYTES + 1, DEFAULT_POLICY, MOST)).toBe(publish.problem.tooLarge('32,505,852'));
  expect(publishProblem(MAX_BLOB_BYTES_8X + 1, { ...DEFAULT_POLICY, redundancy: 8 }, MOST)).toBe(
    publish.problem.tooLarge('8,388,603'),
  );
  for (const namespace of ['', 'ä'.repeat(15)]) {
    expect(publishProblem(1, { ...DEFAULT_POLICY, namespace }, MOST)).toBe(publish.problem.namespace);
  }
  for (const retentionBlocks of [0, 1.5, Number.NaN]) {
    expect(publishProblem(1, { ...DEFAULT_POLICY, retentionBlocks }, MOST)).toBe(publish.problem.retention);
  }
});

it('says how long the chain keeps a blob, where that is proved', () => {
  const policy = { ...DEFAULT_POLICY, retentionBlocks: MOST + 1 };
  expect(publishProblem(1, policy, MOST)).toBe(publish.problem.tooLong('1,000,000'));
  expect(publishProblem(1, { ...policy, retentionBlocks: MOST }, MOST)).toBeUndefined();
  expect(publishProblem(1, policy, undefined)).toBeUndefined();
});
