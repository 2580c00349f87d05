import { type Bound, placeIn, type StateRange, verifyStateRun } from '@perigee/light-core/state';
import { type ExistenceProof, equal, PerigeeError, type StateRun, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { inAccounts, smallTree } from './small-tree.ts';

const LONGEST = 5;
/** Keys b, d, f, …: there is room before, between and behind them. */
const ALL_KEYS = Array.from({ length: LONGEST }, (_, i) => utf8(String.fromCharCode(98 + 2 * i)));
const EDGES: readonly Bound[] = Array.from({ length: 2 * LONGEST + 1 }, (_, i) => utf8(String.fromCharCode(97 + i))).flatMap(
  (key) => [true, false].map((inclusive) => ({ key, inclusive })),
);

/** A run of these leaves of a store, and the app hash over the store. */
function runOf(root: Uint8Array, leaves: readonly ExistenceProof[]): { run: StateRun; appHash: Uint8Array } {
  const { proof, appHash } = inAccounts(root, {});
  const { height, store, storeRoot, outer } = proof;
  return { run: { height, store, storeRoot, outer, leaves: [...leaves] }, appHash };
}

function verified(run: StateRun, appHash: Uint8Array, range: StateRange) {
  try {
    return verifyStateRun(run, { appHash, store: 'account', range });
  } catch (error) {
    if (error instanceof PerigeeError) return error.code;
    throw error;
  }
}

describe.each(Array.from({ length: LONGEST }, (_, i) => i + 1))('runs of a tree of %i leaves', (size) => {
  const keys = ALL_KEYS.slice(0, size);
  const { root, proofs } = smallTree(keys);
  const subsets = Array.from({ length: 2 ** size }, (_, bits) => proofs.filter((_proof, i) => (bits >> i) & 1));

  it('say of a range what is in it from its beginning on, and that it is all only where it is, whatever leaves are left out', () => {
    let taken = 0;
    for (const leaves of [...subsets, proofs.toReversed()]) {
      const { run, appHash } = runOf(root, leaves);
      for (const lower of EDGES) {
        for (const upper of EDGES) {
          for (const [limit, reverse] of [
            [LONGEST, false],
            [LONGEST, true],
            [1, false],
          ] as const) {
            const range: StateRange = { lower, upper, reverse, limit };
            const got = verified(run, appHash, range);
            if (typeof got === 'string') continue;
            taken++;
            const all = keys.filter((key) => placeIn(range, key) === 'inside');
            const due = reverse ? all.toReversed() : all;
            expect(got.entries.length).toBeLessThanOrEqual(limit);
            expect(got.entries.map(({ key }) => toHex(key))).toEqual(due.slice(0, got.entries.length).map(toHex));
            if (got.complete) expect(got.entries).toHaveLength(due.length);
            else expect(got.entries.length).toBeGreaterThan(0);
          }
        }
      }
    }
    expect(taken).toBeGreaterThan(0);
  });

  it('of all leaves answer every range that they are not too long for', () => {
    const { run, appHash } = runOf(root, proofs);
    for (const lower of EDGES) {
      for (const upper of EDGES) {
        const got = verified(run, appHash, { lower, upper, reverse: false, limit: LONGEST });
        expect(got).toMatchObject({ complete: true });
      }
    }
  });

  it('of another tree are refused, whatever root they say that they have', () => {
    const other = smallTree(keys.map((key) => utf8(`${String.fromCharCode(key[0] ?? 0)}!`)));
    const { run, appHash } = runOf(root, other.proofs);
    const range = { lower: EDGES[0] as Bound, upper: EDGES.at(-1) as Bound, reverse: false, limit: LONGEST };
    expect(equal(other.root, root)).toBe(false);
    expect(verified(run, appHash, range)).toBe('PROOF_ROOT');
    expect(verified({ ...run, storeRoot: other.root }, appHash, range)).toBe('PROOF');
    expect(verified({ ...run, storeRoot: other.root, outer: { ...run.outer, value: other.root } }, appHash, range)).toBe(
      'PROOF_ROOT',
    );
    expect(verified({ ...run, leaves: proofs.slice(), store: 'chain' }, appHash, range)).toBe('PROOF');
  });
});
