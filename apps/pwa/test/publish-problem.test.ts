import { MAX_BLOB_BYTES, MAX_BLOB_BYTES_8X } from '@perigee/wire';
import { expect, it } from 'vitest';
import { DEFAULT_POLICY } from '../src/model.ts';
import { publish } from '../src/strings/index.ts';
import { publishProblem } from '../src/view/publish-problem.ts';

it('takes what a blob can hold, to the byte', () => {
  expect(publishProblem(1, DEFAULT_POLICY)).toBeUndefined();
  expect(publishProblem(MAX_BLOB_BYTES, DEFAULT_POLICY)).toBeUndefined();
  expect(publishProblem(MAX_BLOB_BYTES_8X, { ...DEFAULT_POLICY, redundancy: 8 })).toBeUndefined();
});

it('says what is wrong before anything is read', () => {
  expect(publishProblem(0, DEFAULT_POLICY)).toBe(publish.problem.empty);
  expect(publishProblem(MAX_BLOB_BYTES + 1, DEFAULT_POLICY)).toBe(publish.problem.tooLarge('31 MiB'));
  expect(publishProblem(MAX_BLOB_BYTES_8X + 1, { ...DEFAULT_POLICY, redundancy: 8 })).toBe(publish.problem.tooLarge('8 MiB'));
  for (const namespace of ['', 'ä'.repeat(15)]) {
    expect(publishProblem(1, { ...DEFAULT_POLICY, namespace })).toBe(publish.problem.namespace);
  }
  for (const retentionBlocks of [0, 1.5, Number.NaN]) {
    expect(publishProblem(1, { ...DEFAULT_POLICY, retentionBlocks })).toBe(publish.problem.retention);
  }
});
