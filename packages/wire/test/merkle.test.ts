import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { codeOf } from '../../../tests/kit/code-of.ts';
import { fromHex, merklePath, merkleRoot, toHex, verifyMerklePath } from '../src/index.ts';

/** Leaves and roots over the first n of them: the Merkle tree test data of the Certificate Transparency programs (RFC 6962 §2.1). */
const LEAVES = ['', '00', '10', '2021', '3031', '40414243', '5051525354555657', '606162636465666768696a6b6c6d6e6f'];
const ROOTS = [
  'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
  '6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d',
  'fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125',
  'aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77',
  'd37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7',
  '4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4',
  '76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef',
  'ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c',
  '5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328',
];

test.each(ROOTS.map((root, n) => [n, root] as const))('root over %i leaves', (n, root) => {
  expect(toHex(merkleRoot(LEAVES.slice(0, n).map((leaf) => fromHex(leaf))))).toBe(root);
});

const tree = fc
  .array(fc.uint8Array({ maxLength: 6 }), { minLength: 1, maxLength: 40 })
  .chain((leaves) => fc.record({ leaves: fc.constant(leaves), index: fc.nat(leaves.length - 1) }));

describe('paths', () => {
  test('prove every leaf', () => {
    fc.assert(
      fc.property(tree, ({ leaves, index }) => {
        const path = merklePath(leaves, index);
        verifyMerklePath(merkleRoot(leaves), leaves[index] ?? new Uint8Array(0), index, leaves.length, path);
      }),
    );
  });

  test('prove nothing else', () => {
    fc.assert(
      fc.property(tree, fc.nat(), fc.nat(255), ({ leaves, index }, at, bits) => {
        const root = merkleRoot(leaves);
        const leaf = leaves[index] ?? new Uint8Array(0);
        const total = leaves.length;
        const path = merklePath(leaves, index);
        const refused = (run: () => void) => expect(codeOf(run)).toBe('PROOF');
        const bit = 1 << (bits % 8);
        const turn = (bytes: Uint8Array) => bytes.map((byte, i) => (i === at % bytes.length ? byte ^ bit : byte));
        refused(() => verifyMerklePath(turn(root), leaf, index, total, path));
        refused(() => verifyMerklePath(root, Uint8Array.from([...leaf, bits]), index, total, path));
        if (leaf.length > 0) refused(() => verifyMerklePath(root, turn(leaf), index, total, path));
        refused(() => verifyMerklePath(root, leaf, index, total, [...path, new Uint8Array(32)]));
        refused(() => verifyMerklePath(root, leaf, index, index, path));
        refused(() => verifyMerklePath(root, leaf, -1, total, path));
        refused(() => verifyMerklePath(root, leaf, index + 0.5, total, path));
        refused(() => verifyMerklePath(root, leaf, index, Number.NaN, path));
        if (path.length === 0) return;
        const level = at % path.length;
        const swapped = (with_: (hash: Uint8Array) => Uint8Array) => path.map((hash, i) => (i === level ? with_(hash) : hash));
        refused(() => verifyMerklePath(root, leaf, index, total, path.slice(1)));
        refused(() => verifyMerklePath(root, leaf, index, total, swapped(turn)));
        refused(() =>
          verifyMerklePath(
            root,
            leaf,
            index,
            total,
            swapped((hash) => hash.slice(1)),
          ),
        );
        const other = (index + 1 + (at % (total - 1))) % total;
        const same =
          toHex(leaves[other] ?? leaf) === toHex(leaf) && merklePath(leaves, other).map(toHex).join() === path.map(toHex).join();
        if (!same) refused(() => verifyMerklePath(root, leaf, other, total, path));
      }),
    );
  });

  test('an inner node is no leaf', () => {
    const leaves = LEAVES.slice(0, 4).map((leaf) => fromHex(leaf));
    const left = merkleRoot(leaves.slice(0, 2));
    const right = merkleRoot(leaves.slice(2));
    const inside = Uint8Array.from([...left, ...right]);
    expect(codeOf(() => verifyMerklePath(merkleRoot(leaves), inside, 0, 1, []))).toBe('PROOF');
    expect(codeOf(() => verifyMerklePath(merkleRoot(leaves), left, 0, 2, [right]))).toBe('PROOF');
  });

  test('there is none for a leaf outside the tree', () => {
    for (const index of [-1, 4, 0.5, Number.NaN]) {
      expect(
        codeOf(() =>
          merklePath(
            LEAVES.slice(0, 4).map((leaf) => fromHex(leaf)),
            index,
          ),
        ),
      ).toBe('INVALID_ARGUMENT');
    }
  });
});
