import { sha256 } from '@noble/hashes/sha2.js';
import { appHashOf, proveStore, verifyStateProof } from '@perigee/light-core/state';
import { concat, type ExistenceProof, PerigeeError, type StateProof, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { smallTree } from './small-tree.ts';

const key = utf8('k');
const { root, proofs } = smallTree([key]);

/** A proof of `key` in store number `index` of `total`. */
function proofIn(index: number, total: number): { proof: StateProof; appHash: Uint8Array } {
  const stores = Array.from({ length: total }, (_, i) => ({
    name: `store${i}`,
    root: i === index ? root : sha256(utf8(`${i}`)),
  }));
  const store = `store${index}`;
  const proof = { height: 1, store, storeRoot: root, inner: { exist: proofs[0] }, outer: proveStore(stores, store) };
  return { proof, appHash: appHashOf(stores) };
}

function codeOf(proof: StateProof, appHash: Uint8Array): string {
  try {
    verifyStateProof(proof, { appHash, store: proof.store, key });
    return 'accepted';
  } catch (error) {
    return error instanceof PerigeeError ? error.code : String(error);
  }
}

/** The root that the steps lead to when nobody looks at what they mean. */
function naiveRoot({ key: name, value, leaf, path }: ExistenceProof): Uint8Array {
  const bytes = concat(Uint8Array.of(name.length), name, Uint8Array.of(32), sha256(value));
  return path.reduce(
    (hash, { prefix, suffix }) => sha256(concat(prefix, hash, suffix)),
    sha256(concat(leaf?.prefix ?? new Uint8Array(0), bytes)),
  );
}

it('proves every store among any number of them', () => {
  for (let total = 1; total <= 9; total++) {
    for (let index = 0; index < total; index++) {
      const { proof, appHash } = proofIn(index, total);
      expect(codeOf(proof, appHash), `store ${index} of ${total}`).toBe('accepted');
      expect(naiveRoot(proof.outer)).toEqual(appHash);
    }
  }
});

it('has no proof of a store that is not there', () => {
  expect(() => proveStore([{ name: 'da', root }], 'chain')).toThrow(expect.objectContaining({ code: 'INVALID_ARGUMENT' }));
});

describe.each([0, 1, 2])('a forged proof of store %i is refused, even under the app hash that it leads to', (index) => {
  const { proof } = proofIn(index, 3);
  const { outer } = proof;
  const leaf = outer.leaf ?? { hash: 0, prehashKey: 0, prehashValue: 0, length: 0, prefix: new Uint8Array(0) };
  const [step = { hash: 0, prefix: new Uint8Array(0), suffix: new Uint8Array(0) }, ...above] = outer.path;
  const forged = (changed: Partial<ExistenceProof>): string => {
    const forgery = { ...outer, ...changed };
    return codeOf({ ...proof, outer: forgery, storeRoot: forgery.value }, naiveRoot(forgery));
  };
  const withStep = (changed: Partial<typeof step>): string => forged({ path: [{ ...step, ...changed }, ...above] });
  const sibling = sha256(utf8('sibling'));
  const none = new Uint8Array(0);

  it('in its unchanged form it is not', () => expect(forged({})).toBe('accepted'));

  it.each([
    ['hash', 0],
    ['prehashKey', 1],
    ['prehashValue', 0],
    ['length', 0],
  ] as const)('leaf with another %s', (field, value) => expect(forged({ leaf: { ...leaf, [field]: value } })).toBe('PROOF'));

  it('leaf with another prefix, or none', () => {
    for (const prefix of [none, Uint8Array.of(1), Uint8Array.of(0, 0)])
      expect(forged({ leaf: { ...leaf, prefix } })).toBe('PROOF');
    expect(codeOf({ ...proof, outer: { key: outer.key, value: outer.value, path: outer.path } }, naiveRoot(outer))).toBe('PROOF');
  });

  it('another name or a root of another length', () => {
    expect(forged({ key: utf8('other') })).toBe('PROOF');
    expect(forged({ key: none })).toBe('PROOF');
    expect(forged({ value: root.slice(1) })).toBe('PROOF');
    expect(forged({ value: concat(root, root) })).toBe('PROOF');
  });

  it('a step of another form', () => {
    expect(withStep({ hash: 0 })).toBe('PROOF');
    for (const first of [0, 2]) {
      expect(withStep({ prefix: Uint8Array.of(first), suffix: sibling })).toBe('PROOF');
      expect(withStep({ prefix: concat(Uint8Array.of(first), sibling), suffix: none })).toBe('PROOF');
    }
    const one = Uint8Array.of(1);
    const forms: [prefix: Uint8Array, suffix: Uint8Array][] = [
      [none, none],
      [none, sibling],
      [one, none],
      [one, sibling.slice(1)],
      [one, concat(sibling, one)],
      [concat(one, sibling), sibling],
      [concat(one, sibling), one],
      [concat(one, sibling.slice(1)), none],
      [concat(one, sibling, one), none],
    ];
    for (const [prefix, suffix] of forms) expect(withStep({ prefix, suffix })).toBe('PROOF');
  });

  it('a path longer than there can be stores', () => {
    const path = (length: number) => Array.from({ length }, () => ({ hash: 1, prefix: Uint8Array.of(1), suffix: sibling }));
    expect(forged({ path: path(96) })).toBe('accepted');
    expect(forged({ path: path(97) })).toBe('PROOF');
  });
});

it('is refused when it names another store than its outer proof', () => {
  const { proof, appHash } = proofIn(0, 3);
  const expected = { appHash, store: 'store0', key };
  expect(() => verifyStateProof({ ...proof, store: 'store1' }, expected)).toThrow(expect.objectContaining({ code: 'PROOF' }));
});
