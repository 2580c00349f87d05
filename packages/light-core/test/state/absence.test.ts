import { verifyStateProof } from '@perigee/light-core/state';
import { type ExistenceProof, type NonExistenceProof, PerigeeError, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { inAccounts, smallTree } from './small-tree.ts';

const LONGEST = 9;
/** Keys b, d, f, …: there is room before, between and behind them. */
const ALL_KEYS = Array.from({ length: LONGEST }, (_, i) => utf8(String.fromCharCode(98 + 2 * i)));

function codeOf(storeRoot: Uint8Array, nonexist: NonExistenceProof, key = nonexist.key): string {
  const { proof, appHash } = inAccounts(storeRoot, { nonexist });
  try {
    return verifyStateProof(proof, { appHash, store: 'account', key }) === undefined ? 'absent' : 'a value';
  } catch (error) {
    return error instanceof PerigeeError ? error.code : String(error);
  }
}

function claim(key: Uint8Array, left: ExistenceProof | undefined, right: ExistenceProof | undefined): NonExistenceProof {
  return { key, ...(left === undefined ? {} : { left }), ...(right === undefined ? {} : { right }) };
}

describe.each(Array.from({ length: LONGEST }, (_, i) => i + 1))('in a tree of %i leaves', (size) => {
  const keys = ALL_KEYS.slice(0, size);
  const { root, proofs } = smallTree(keys);

  it('a key is absent by the two leaves around it, and by no other leaves', () => {
    // gap g lies right before leaf g; neighbours -1 and `size` are left out of the proof
    for (let gap = 0; gap <= size; gap++) {
      const key = utf8(String.fromCharCode(97 + 2 * gap));
      for (let l = -1; l < size; l++) {
        for (let r = 0; r <= size; r++) {
          const due = l === gap - 1 && r === gap ? 'absent' : 'PROOF';
          expect(codeOf(root, claim(key, proofs[l], proofs[r])), `gap ${gap} by leaves ${l} and ${r}`).toBe(due);
        }
      }
    }
  });

  it('no key that exists is absent', () => {
    keys.forEach((key, i) => {
      const neighbours = [undefined, proofs[i - 1], proofs[i], proofs[i + 1]];
      for (const left of neighbours) for (const right of neighbours) expect(codeOf(root, claim(key, left, right))).toBe('PROOF');
    });
  });

  it('nothing is absent by leaves of another tree', () => {
    const other = smallTree([...keys, utf8('z')]);
    for (let gap = 0; gap <= size; gap++) {
      const key = utf8(String.fromCharCode(97 + 2 * gap));
      expect(codeOf(root, claim(key, other.proofs[gap - 1], other.proofs[gap]))).toBe('PROOF_ROOT');
      if (gap === 0 || gap === size) continue;
      expect(codeOf(root, claim(key, other.proofs[gap - 1], proofs[gap]))).toMatch(/^PROOF/);
      expect(codeOf(root, claim(key, proofs[gap - 1], other.proofs[gap]))).toMatch(/^PROOF/);
    }
  });
});

describe('an absence', () => {
  const { root, proofs } = smallTree(ALL_KEYS);

  it('is of the key that was asked for', () => {
    const honest = claim(utf8('c'), proofs[0], proofs[1]);
    expect(codeOf(root, honest)).toBe('absent');
    expect(codeOf(root, honest, utf8('cc'))).toBe('PROOF');
    expect(codeOf(root, claim(new Uint8Array(0), undefined, proofs[0]))).toBe('PROOF');
  });

  it('has neighbours with a key and a value', () => {
    const keyless = smallTree([new Uint8Array(0), utf8('d')]);
    expect(codeOf(keyless.root, claim(utf8('c'), keyless.proofs[0], keyless.proofs[1]))).toBe('PROOF');
  });

  it('does not stand beside an existence', () => {
    const { proof, appHash } = inAccounts(root, { nonexist: claim(utf8('c'), proofs[0], proofs[1]), exist: proofs[3] });
    expect(() => verifyStateProof(proof, { appHash, store: 'account', key: utf8('c') })).toThrow(
      expect.objectContaining({ code: 'PROOF' }),
    );
  });
});
