import { readFileSync } from 'node:fs';
import { calculateExistenceRoot, iavlSpec, ics23, tendermintSpec, verifyExistence, verifyNonExistence } from '@confio/ics23';
import { sha256 } from '@noble/hashes/sha2.js';
import { appHashOf, iavlInnerOp, iavlLeafOp, proveStore, verifyStateProof } from '@perigee/light-core/state';
import {
  CommitmentProof,
  compare,
  concat,
  type ExistenceProof,
  fromHex,
  type InnerOp,
  PerigeeError,
  type StateProof,
  utf8,
  zigzag,
} from '@perigee/wire';
import { describe, expect, it } from 'vitest';

interface Vectors {
  readonly roots: Readonly<Record<string, string>>;
  readonly proofs: readonly { readonly version: number; readonly key: string; readonly proof: string }[];
}
const vectors: Vectors = JSON.parse(readFileSync(new URL('../../../../tests/vectors/iavl.json', import.meta.url), 'utf8'));

const OTHERS = ['chain', 'da'].map((name) => ({ name, root: sha256(utf8(name)) }));

/** A state whose store `account` has this root. */
function stateOf(storeRoot: Uint8Array) {
  const stores = [{ name: 'account', root: storeRoot }, ...OTHERS];
  return { appHash: appHashOf(stores), outer: proveStore(stores, 'account') };
}

function wrap(storeRoot: Uint8Array, inner: CommitmentProof, height = 1): { proof: StateProof; appHash: Uint8Array } {
  const { appHash, outer } = stateOf(storeRoot);
  return { appHash, proof: { height, store: 'account', storeRoot, inner, outer } };
}

/** Proofs that the Go implementation made. */
const known = vectors.proofs.map(({ version, key, proof }) => {
  const root = fromHex(vectors.roots[String(version)] ?? '');
  return { version, key: fromHex(key), root, inner: CommitmentProof.decodeCanonical(fromHex(proof)) };
});
const existing = known.filter(({ inner }) => inner.exist !== undefined);
const absent = known.filter(({ inner }) => inner.nonexist !== undefined);

function codeOf(proof: StateProof, appHash: Uint8Array, key: Uint8Array, store = 'account'): string {
  try {
    verifyStateProof(proof, { appHash, store, key });
    return 'accepted';
  } catch (error) {
    return error instanceof PerigeeError ? error.code : String(error);
  }
}

/** The code that a changed existence proof is refused with, under the root that the changed proof itself leads to where it has one. */
function forged(change: (proof: ExistenceProof) => ExistenceProof, rehash = true): string {
  const { inner, key, root } = existing.find(({ inner }) => (inner.exist?.path.length ?? 0) > 4) ?? existing[0] ?? fail();
  const changed = change(inner.exist ?? fail());
  const own = rehash ? naiveRoot(changed) : root;
  const { proof, appHash } = wrap(own, { exist: changed });
  return codeOf(proof, appHash, changed.key.length === 0 ? key : changed.key);
}

/** The root that ICS23 operations lead to when nobody looks at what they mean. */
function naiveRoot({ key, value, leaf, path }: ExistenceProof): Uint8Array {
  let hash = sha256(concat(leaf?.prefix ?? new Uint8Array(0), Uint8Array.of(key.length), key, Uint8Array.of(32), sha256(value)));
  for (const op of path) hash = sha256(concat(op.prefix, hash, op.suffix));
  return hash;
}

function fail(): never {
  throw new Error('vector file lacks a proof of this kind');
}

describe('proofs of cosmos/iavl', () => {
  it('are accepted, of keys that exist and of keys that do not', () => {
    expect(existing.length).toBeGreaterThan(5);
    expect(absent.length).toBeGreaterThan(5);
    for (const { inner, key, root, version } of known) {
      const { proof, appHash } = wrap(root, inner, version);
      expect(verifyStateProof(proof, { appHash, store: 'account', key })).toEqual(inner.exist?.value);
    }
  });

  it('are accepted by @confio/ics23 too, with our outer proof', () => {
    for (const { inner, key, root } of known) {
      const peer = ics23.CommitmentProof.decode(CommitmentProof.encode(inner));
      if (peer.exist != null) {
        const exist = ics23.ExistenceProof.fromObject(peer.exist);
        verifyExistence(exist, iavlSpec, root, key, inner.exist?.value ?? fail());
      } else verifyNonExistence(ics23.NonExistenceProof.fromObject(peer.nonexist ?? fail()), iavlSpec, root, key);
      const { appHash, outer } = stateOf(root);
      const decoded = ics23.CommitmentProof.decode(CommitmentProof.encode({ exist: outer })).exist ?? fail();
      verifyExistence(ics23.ExistenceProof.fromObject(decoded), tendermintSpec, appHash, utf8('account'), root);
    }
  });
});

describe('a proof is refused', () => {
  const { inner, key, root } = existing[0] ?? fail();
  const { proof, appHash } = wrap(root, inner);

  it('under another root, store or key', () => {
    expect(codeOf(proof, sha256(appHash), key)).toBe('PROOF_ROOT');
    expect(codeOf(proof, appHash, key, 'da')).toBe('PROOF');
    expect(codeOf(proof, appHash, utf8('another key'))).toBe('PROOF');
    expect(codeOf({ ...proof, store: 'da' }, appHash, key, 'da')).toBe('PROOF');
    const elsewhere = wrap(sha256(root), inner);
    expect(codeOf(elsewhere.proof, elsewhere.appHash, key)).toBe('PROOF_ROOT');
    expect(codeOf({ ...proof, storeRoot: sha256(root) }, appHash, key)).toBe('PROOF');
  });

  it('when it proves both or neither', () => {
    expect(codeOf({ ...proof, inner: {} }, appHash, key)).toBe('PROOF');
    expect(codeOf({ ...proof, inner: { ...inner, nonexist: { key } } }, appHash, key)).toBe('PROOF');
  });

  it('when key, value or a hash was changed', () => {
    expect(forged((p) => ({ ...p, value: utf8('richer') }), false)).toBe('PROOF_ROOT');
    expect(forged((p) => ({ ...p, key: utf8('other') }), false)).toBe('PROOF_ROOT');
    expect(forged((p) => ({ ...p, path: p.path.slice(1) }), false)).toMatch(/^PROOF/);
    expect(forged((p) => ({ ...p, path: p.path.slice(0, -1) }), false)).toBe('PROOF_ROOT');
    expect(forged((p) => ({ ...p, value: new Uint8Array(0) }))).toBe('PROOF');
    expect(forged((p) => ({ ...p, key: new Uint8Array(0) }))).toBe('PROOF');
  });
});

describe('a forged leaf operation is refused, even under the root that it leads to', () => {
  const prefixes: Record<string, Uint8Array> = {
    empty: new Uint8Array(0),
    'version 0': concat(zigzag(0), zigzag(1), zigzag(0)),
    'height 1': concat(zigzag(1), zigzag(1), zigzag(5)),
    'size 2': concat(zigzag(0), zigzag(2), zigzag(5)),
    'negative version': concat(zigzag(0), zigzag(1), zigzag(-5)),
    'varint of height not minimal': concat(fromHex('8000'), zigzag(1), zigzag(5)),
    'varint of version not minimal': concat(zigzag(0), zigzag(1), fromHex('8a00')),
    'cut-off version': fromHex('000280'),
    'longer prefix': concat(zigzag(0), zigzag(1), zigzag(5), utf8('key of an attacker')),
    'version above 2^53': concat(zigzag(0), zigzag(1), zigzag(1n << 60n)),
  };
  for (const [name, prefix] of Object.entries(prefixes)) {
    it(name, () => expect(forged((p) => ({ ...p, leaf: { ...iavlLeafOp(5), prefix } }))).toBe('PROOF'));
  }
  for (const field of ['hash', 'prehashKey', 'prehashValue', 'length'] as const) {
    it(`another ${field}`, () => {
      for (const value of [0, 1, 2, 3]) {
        if (iavlLeafOp(5)[field] === value) continue;
        expect(forged((p) => ({ ...p, leaf: { ...iavlLeafOp(5), [field]: value } }))).toBe('PROOF');
      }
    });
  }
  it('none', () => expect(forged(({ leaf: _leaf, ...rest }) => rest)).toBe('PROOF'));
});

describe('a forged inner operation is refused, even under the root that it leads to', () => {
  const sibling = sha256(utf8('sibling'));
  const left = (height: number, size: number, version: number) => iavlInnerOp({ height, size, version }, 'left', sibling);
  const right = (height: number, size: number, version: number) => iavlInnerOp({ height, size, version }, 'right', sibling);
  const first = (op: InnerOp) => forged((p) => ({ ...p, path: [op] }));

  it('the honest form is accepted', () => {
    expect(first(left(1, 2, 9))).toBe('accepted');
    expect(first(right(1, 2, 9))).toBe('accepted');
    expect(forged((p) => ({ ...p, path: [left(2, 3, 9)] }))).toBe('accepted');
  });
  it('heights that do not fall to the leaf', () => {
    expect(first(left(0, 2, 9))).toBe('PROOF');
    expect(first(left(3, 4, 9))).toBe('PROOF');
    expect(forged((p) => ({ ...p, path: [left(1, 2, 9), left(1, 2, 9)] }))).toBe('PROOF');
    expect(forged((p) => ({ ...p, path: [left(2, 3, 9), left(1, 2, 9)] }))).toBe('PROOF');
    expect(forged((p) => ({ ...p, path: [left(2, 3, 9), right(2, 4, 9)] }))).toBe('PROOF');
    expect(forged((p) => ({ ...p, path: [left(2, 3, 9), right(1, 4, 9)] }))).toBe('PROOF');
  });
  it('sizes that cannot be', () => {
    expect(first(left(1, 1, 9))).toBe('PROOF');
    expect(first(left(1, 3, 9))).toBe('PROOF');
    expect(first(left(2, 2, 9))).toBe('PROOF');
    expect(first(left(2, 5, 9))).toBe('PROOF');
    expect(forged((p) => ({ ...p, path: [left(2, 4, 9), right(3, 4, 9)] }))).toBe('PROOF');
  });
  it('version 0 or negative', () => {
    expect(first(left(1, 2, 0))).toBe('PROOF');
    expect(first(left(1, 2, -3))).toBe('PROOF');
  });
  it('bytes between the numbers and the hash', () => {
    const op = left(1, 2, 9);
    for (const extra of [utf8('x'), sibling, concat(Uint8Array.of(32), sibling)]) {
      expect(first({ ...op, prefix: concat(op.prefix, extra) })).toBe('PROOF');
      expect(first({ ...op, suffix: concat(op.suffix, extra) })).toBe('PROOF');
      expect(first({ ...right(1, 2, 9), suffix: extra })).toBe('PROOF');
      expect(first({ ...right(1, 2, 9), prefix: concat(right(1, 2, 9).prefix, extra, Uint8Array.of(32)) })).toBe('PROOF');
    }
  });
  it('no hash on either side, or on both', () => {
    const op = left(1, 2, 9);
    expect(first({ ...op, suffix: new Uint8Array(0) })).toBe('PROOF');
    expect(first({ ...right(1, 2, 9), suffix: op.suffix })).toBe('PROOF');
  });
  it('another length byte than 32', () => {
    const op = left(1, 2, 9);
    expect(first({ ...op, prefix: concat(op.prefix.subarray(0, -1), Uint8Array.of(33)) })).toBe('PROOF');
    expect(first({ ...op, suffix: concat(Uint8Array.of(31), sibling) })).toBe('PROOF');
    const numbers = op.prefix.subarray(0, -1);
    for (const [before, behind] of [
      [32, 31],
      [33, 32],
    ] as const) {
      const prefix = concat(numbers, Uint8Array.of(before), sibling, Uint8Array.of(behind));
      expect(first({ ...right(1, 2, 9), prefix })).toBe('PROOF');
    }
  });
  it('varints that are not minimal', () => {
    const op = left(1, 2, 9);
    expect(first({ ...op, prefix: concat(fromHex('8200'), op.prefix.subarray(1)) })).toBe('PROOF');
  });
  it('another hash, or none', () => {
    for (const hash of [0, 2, 3]) expect(first({ ...left(1, 2, 9), hash })).toBe('PROOF');
  });
  it('a path of the longest length and more', () => {
    const path = Array.from({ length: 97 }, (_, i) => left(i + 1, i + 2, 9));
    expect(forged((p) => ({ ...p, path: path.slice(0, 96) }))).toBe('accepted');
    expect(forged((p) => ({ ...p, path }))).toBe('PROOF');
  });
});

describe('a key that holds the bytes of a node', () => {
  /**
   * The attacker writes one key whose bytes, behind the honest leaf prefix and length, read as a second leaf: ICS23 verifiers that only
   * bound the length of prefixes then see `target` in the tree. Here the honest prefix and the first bytes of the key are the forged
   * prefix, and what is left of the key is the key that never was written.
   */
  const target = utf8('never written');
  const value = utf8('worth a lot');
  const embedded = concat(Uint8Array.of(target.length), target, Uint8Array.of(32), sha256(value));
  const honestPrefix = iavlLeafOp(5).prefix;

  it('does not prove another key by a long leaf prefix', () => {
    const shortKey = concat(utf8('k'), embedded.subarray(0, 1 + target.length));
    const honest: ExistenceProof = { key: shortKey, value, leaf: iavlLeafOp(5), path: [] };
    const storeRoot = naiveRoot(honest);
    const forgery: ExistenceProof = {
      key: target,
      value,
      leaf: { ...iavlLeafOp(5), prefix: concat(honestPrefix, Uint8Array.of(shortKey.length), utf8('k')) },
      path: [],
    };
    expect(naiveRoot(forgery)).toEqual(storeRoot);
    expect(calculateExistenceRoot(ics23.ExistenceProof.fromObject(forgery))).toEqual(storeRoot);
    const good = wrap(storeRoot, { exist: honest });
    expect(codeOf(good.proof, good.appHash, shortKey)).toBe('accepted');
    const bad = wrap(storeRoot, { exist: forgery });
    expect(codeOf(bad.proof, bad.appHash, target)).toBe('PROOF');
  });

  it('does not prove another key as an inner node over a leaf of its own', () => {
    const inner: ExistenceProof = { key: target, value, leaf: iavlLeafOp(5), path: [] };
    const hidden = naiveRoot(inner);
    const key = concat(utf8('k'), hidden, utf8('tail'));
    const honest: ExistenceProof = { key, value, leaf: iavlLeafOp(5), path: [] };
    const storeRoot = naiveRoot(honest);
    const op: InnerOp = {
      hash: 1,
      prefix: concat(honestPrefix, Uint8Array.of(key.length), utf8('k')),
      suffix: concat(utf8('tail'), Uint8Array.of(32), sha256(value)),
    };
    const forgery: ExistenceProof = { ...inner, path: [op] };
    expect(naiveRoot(forgery)).toEqual(storeRoot);
    const bad = wrap(storeRoot, { exist: forgery });
    expect(codeOf(bad.proof, bad.appHash, target)).toBe('PROOF');
  });
});

describe('a forged absence is refused', () => {
  const both = absent.find(({ inner }) => inner.nonexist?.left !== undefined && inner.nonexist.right !== undefined) ?? fail();
  const nonexist = both.inner.nonexist ?? fail();
  const left = nonexist.left ?? fail();
  const right = nonexist.right ?? fail();
  const at = (change: object, key = both.key) => {
    const { proof, appHash } = wrap(both.root, { nonexist: { ...nonexist, ...change } });
    return codeOf(proof, appHash, key);
  };

  it('without neighbours, or of another key', () => {
    expect(at({})).toBe('accepted');
    expect(at({ left: undefined, right: undefined })).toBe('PROOF');
    expect(at({}, utf8('other'))).toBe('PROOF');
    expect(at({ key: new Uint8Array(0) }, new Uint8Array(0))).toBe('PROOF');
  });
  it('with one neighbour where the key lies between two', () => {
    expect(at({ left: undefined })).toBe('PROOF');
    expect(at({ right: undefined })).toBe('PROOF');
  });
  it('with neighbours on the wrong side, or twice the same', () => {
    expect(at({ left: right, right: left })).toBe('PROOF');
    expect(at({ left, right: left })).toBe('PROOF');
    expect(at({ left: right, right })).toBe('PROOF');
  });
  it('with neighbours that are not adjacent', () => {
    const wide = existing.filter((e) => e.version === both.version).map((e) => e.inner.exist ?? fail());
    let tried = 0;
    for (const far of wide) {
      for (const change of [{ left: far }, { right: far }]) {
        const chosen = { left, right, ...change };
        if (compare(chosen.left.key, both.key) >= 0 || compare(chosen.right.key, both.key) <= 0) continue;
        if (chosen.left === left && chosen.right === right) continue;
        tried += 1;
        expect(at(change)).toBe('PROOF');
      }
    }
    expect(tried).toBeGreaterThan(0);
  });
  it('with a neighbour of another tree', () => {
    const other = absent.find(({ version, inner }) => version !== both.version && inner.nonexist?.left !== undefined) ?? fail();
    expect(at({ left: other.inner.nonexist?.left })).toMatch(/^PROOF/);
  });
  it('for a key that exists', () => {
    expect(at({ key: left.key }, left.key)).toBe('PROOF');
    expect(at({ key: right.key }, right.key)).toBe('PROOF');
  });
});

describe('a forged outer proof is refused', () => {
  const { inner, key, root } = existing[0] ?? fail();
  const { proof, appHash } = wrap(root, inner);
  const { outer } = proof;
  const leaf = outer.leaf ?? fail();
  const first = outer.path[0] ?? fail();
  const changes: Record<string, ExistenceProof> = {
    'leaf prefix longer than 00': { ...outer, leaf: { ...leaf, prefix: fromHex('0000') } },
    'leaf prefix 01': { ...outer, leaf: { ...leaf, prefix: fromHex('01') } },
    'value not hashed': { ...outer, leaf: { ...leaf, prehashValue: 0 } },
    'no hash': { ...outer, leaf: { ...leaf, hash: 0 } },
    'no length': { ...outer, leaf: { ...leaf, length: 0 } },
    'another store name': { ...outer, key: utf8('da') },
    'inner prefix 00': { ...outer, path: [{ ...first, prefix: fromHex('00') }, ...outer.path.slice(1)] },
    'both sides at once': { ...outer, path: [{ ...first, prefix: concat(fromHex('01'), root), suffix: root }] },
    'suffix too long': { ...outer, path: [{ ...first, suffix: concat(first.suffix, root) }] },
    'inner without hash': { ...outer, path: [{ ...first, hash: 0 }] },
    'root of another length': { ...outer, value: root.slice(1) },
  };
  for (const [name, changed] of Object.entries(changes)) {
    it(name, () => expect(codeOf({ ...proof, outer: changed }, appHash, key)).toBe('PROOF'));
  }
  it('a missing step', () => {
    expect(codeOf({ ...proof, outer: { ...outer, path: outer.path.slice(1) } }, appHash, key)).toBe('PROOF_ROOT');
  });
});
