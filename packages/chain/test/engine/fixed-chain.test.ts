import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { temporaryFolder } from '../../../../tests/kit/index.ts';
import { makeFixedChain } from '../fixed-chain.ts';

describe('the fixed chain', () => {
  it('has the blocks, commits, validator sets and roots that are stored, byte for byte', async () => {
    const stored: unknown = JSON.parse(readFileSync(new URL('../../../../tests/vectors/chain.json', import.meta.url), 'utf8'));
    expect(await makeFixedChain(temporaryFolder('fixed'))).toEqual(stored);
  });
});
