import { sha256 } from '@noble/hashes/sha2.js';
import { type Header, utf8 } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  dataHash,
  lastResultsHash,
  proveTx,
  proveTxResult,
  type TxResult,
  type VerifiedLightBlock,
  verifyTxInclusion,
  verifyTxResult,
  verifyTxResults,
} from '../../src/comet/index.ts';
import { codeOf, trust } from './asserts.ts';
import { makeBlock, testValidators } from './chain.ts';
import { mutations } from './mutate.ts';

const one = testValidators('inclusion', [1]);
const headerWith = (header: Partial<Header>): Promise<VerifiedLightBlock> =>
  trust(makeBlock({ height: 3, validators: one, header }));
const txsOf = (count: number): Uint8Array[] => Array.from({ length: count }, (_, i) => utf8(`transaction ${i}`));
const resultsOf = (count: number): TxResult[] =>
  Array.from({ length: count }, (_, i) => ({ code: i % 3, data: utf8(`${i}`), gasWanted: 10 * i, gasUsed: i }));

describe('transactions of a block', () => {
  test('each is proved at its place, whatever their number; at no other, and no other one', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 70 }), fc.nat(69), async (count, at) => {
        const txs = txsOf(count);
        const index = at % count;
        const header = await headerWith({ dataHash: dataHash(txs) });
        const proof = proveTx(txs, index);
        expect(verifyTxInclusion(header, txs[index] as Uint8Array, proof)).toEqual(sha256(txs[index] as Uint8Array));
        expect(await codeOf(() => verifyTxInclusion(header, utf8('another'), proof))).toBe('PROOF');
        for (const { value, path } of mutations(proof)) {
          // The root does not cover how many leaves there are: another number that leaves this one its place proves the same.
          if (path !== 'total')
            expect(await codeOf(() => verifyTxInclusion(header, txs[index] as Uint8Array, value))).toBe('PROOF');
        }
      }),
      { numRuns: 12 },
    );
  });
});

describe('results of a block', () => {
  test('each is proved by the next header, and all together', async () => {
    const results = resultsOf(9);
    const next = await headerWith({ lastResultsHash: lastResultsHash(results) });
    expect(verifyTxResults(next, results)).toBe(results);
    for (const [index, result] of results.entries()) {
      const proof = proveTxResult(results, index);
      expect(verifyTxResult(next, result, proof)).toBe(result);
      for (const { value } of mutations(result)) {
        expect(['PROOF', 'PARSE']).toContain(await codeOf(() => verifyTxResult(next, value, proof)));
        expect(['PROOF', 'PARSE']).toContain(await codeOf(() => verifyTxResults(next, results.with(index, value))));
      }
    }
    expect(await codeOf(() => verifyTxResults(next, results.slice(1)))).toBe('PROOF');
    expect(await codeOf(() => verifyTxResults(next, results.toReversed()))).toBe('PROOF');
    expect(await codeOf(() => proveTxResult(results, 9))).toBe('INVALID_ARGUMENT');
  });

  test('of a block without transactions there are none', async () => {
    const next = await headerWith({ lastResultsHash: lastResultsHash([]) });
    expect(verifyTxResults(next, [])).toEqual([]);
    expect(await codeOf(() => verifyTxResults(next, resultsOf(1)))).toBe('PROOF');
  });
});
