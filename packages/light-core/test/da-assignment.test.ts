import { sha256 } from '@noble/hashes/sha2.js';
import { assignRows, checkCommittee, drawIndices, makeCommittee, permuteRows, type Redundancy } from '@perigee/light-core/da';
import { type CommitteeMember, concat, fromHex, type PerigeeError, toHex, u16le, u32le } from '@perigee/wire';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import vectors from '../../../tests/vectors/assignment.json' with { type: 'json' };

const code = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    return (error as PerigeeError).code;
  }
  return 'none';
};
const member = (i: number, stake: bigint): CommitteeMember => ({
  address: sha256(u32le(i)).slice(0, 20),
  publicKey: sha256(u32le(i + 1_000_000)),
  stake,
});
const shapes = (redundancy: Redundancy, k: number) => ({ k, n: (redundancy - 1) * k });

describe('committee', () => {
  it('is put in order, hashed and summed', () => {
    const members = [5n, 1n, 3n].map((stake, i) => member(i, stake));
    const committee = makeCommittee(members);
    expect(committee.totalStake).toBe(9n);
    expect(makeCommittee([...members].reverse()).hash).toEqual(committee.hash);
    expect(checkCommittee({ members: committee.members }).hash).toEqual(committee.hash);
  });

  it('refuses what is not canonical', () => {
    const [a, b] = makeCommittee([member(0, 1n), member(1, 1n)]).members as [CommitteeMember, CommitteeMember];
    const wrong: readonly CommitteeMember[][] = [
      [],
      [b, a],
      [a, a],
      [a, { ...b, publicKey: a.publicKey }],
      [a, { ...a, publicKey: b.publicKey }],
      [a, { ...b, stake: 0n }],
    ];
    for (const members of wrong) expect(code(() => checkCommittee({ members }))).toBe('COMMITTEE');
    const many = (count: number) => Array.from({ length: count }, (_, i) => member(i, 1n));
    expect(code(() => makeCommittee(many(128)))).toBe('none');
    expect(code(() => makeCommittee(many(129)))).toBe('COMMITTEE');
  });
});

describe('known answers', () => {
  it.each(vectors.cases)('$name', (known) => {
    const committee = checkCommittee({
      members: known.members.map(({ address, publicKey, stake }) => ({
        address: fromHex(address, 20),
        publicKey: fromHex(publicKey, 32),
        stake: BigInt(stake),
      })),
    });
    const words = (list: ArrayLike<number>): Uint8Array => concat(...Array.from(list, u16le));
    expect(toHex(committee.hash)).toBe(known.committeeHash);
    const commitment = fromHex(known.commitment, 32);
    const rows = permuteRows(commitment, committee.hash, known.k + known.n);
    expect(Array.from(rows.subarray(0, 16))).toEqual(known.firstPermuted);
    expect(toHex(sha256(words(rows)))).toBe(known.permutationSha256);
    const assignment = assignRows(committee, commitment, known);
    const held = committee.members.map((_, i) => assignment.rowsOf(i));
    expect(held.map((list) => list.length)).toEqual(known.counts);
    expect(toHex(sha256(concat(...held.map(words))))).toBe(known.rowsSha256);
  });
});

describe('assignment', () => {
  const arbitrary = fc.record({
    stakes: fc.array(fc.oneof(fc.bigInt({ min: 1n, max: 20n }), fc.bigInt({ min: 1n, max: 1n << 57n })), {
      minLength: 1,
      maxLength: 40,
    }),
    redundancy: fc.constantFrom<Redundancy>(2, 4, 8),
    k: fc.constantFrom(64, 256, 1024),
    seed: fc.nat(),
  });

  it('gives every row an owner, agrees with itself, and keeps the least number of rows', () => {
    fc.assert(
      fc.property(arbitrary, ({ stakes, redundancy, k, seed }) => {
        const committee = makeCommittee(stakes.map((stake, i) => member(i, stake)));
        const shape = shapes(redundancy, k);
        const assignment = assignRows(committee, sha256(u32le(seed)), shape);
        const held = committee.members.map((_, i) => assignment.rowsOf(i));
        const owners = Array.from({ length: assignment.total }, (): number[] => []);
        // the run of a member in positions, by the words of PROTOCOL §2
        const positions = BigInt(assignment.total);
        const least = { 2: 241n, 4: 148n, 8: 121n }[redundancy];
        let before = 0n;
        committee.members.forEach(({ stake }, i) => {
          const from = (before * positions) / committee.totalStake;
          before += stake;
          const parts = before * positions;
          const whole = parts % committee.totalStake === 0n;
          const to = parts / committee.totalStake + (whole ? 0n : 1n);
          const due = [to - from, least < positions ? least : positions].reduce((a, b) => (a > b ? a : b));
          expect(assignment.countOf(i)).toBe(Number(due));
        });
        held.forEach((rows, i) => {
          expect(rows.length).toBe(assignment.countOf(i));
          expect(rows.length).toBeGreaterThanOrEqual(Math.min(assignment.total, { 2: 241, 4: 148, 8: 121 }[redundancy]));
          expect(new Set(rows).size).toBe(rows.length);
          for (const row of rows) owners[row]?.push(i);
        });
        for (let row = 0; row < assignment.total; row += 7) {
          expect(owners[row]?.length).toBeGreaterThan(0);
          expect(assignment.ownersOf(row)).toEqual(owners[row]);
          expect(assignment.holds(owners[row]?.[0] ?? -1, row)).toBe(true);
        }
        expect(owners.every((list) => list.length > 0)).toBe(true);
        expect(assignment.holds(0, assignment.total)).toBe(false);
      }),
      { numRuns: process.env.PERIGEE_LONG === '1' ? 500 : 40 },
    );
  });

  it('refuses rows and members that cannot be', () => {
    const committee = makeCommittee([member(0, 1n)]);
    expect(code(() => assignRows(committee, new Uint8Array(32), { k: 64, n: 65 }))).toBe('BLOB_GEOMETRY');
    expect(code(() => assignRows(committee, new Uint8Array(31), { k: 64, n: 64 }))).toBe('INVALID_ARGUMENT');
    expect(code(() => assignRows(committee, new Uint8Array(32), { k: 64, n: 64 }).rowsOf(1))).toBe('INVALID_ARGUMENT');
  });
});

describe('permutation', () => {
  it('is of 1 to 65,536 rows, by two hashes', () => {
    const hash = new Uint8Array(32);
    expect(permuteRows(hash, hash, 1)).toEqual(Uint16Array.of(0));
    expect(new Set(permuteRows(hash, hash, 65_536)).size).toBe(65_536);
    for (const total of [0, -1, 1.5, Number.NaN, 65_537])
      expect(code(() => permuteRows(hash, hash, total))).toBe('INVALID_ARGUMENT');
    for (const short of [hash.slice(1), new Uint8Array(33)]) {
      expect(code(() => permuteRows(short, hash, 8))).toBe('INVALID_ARGUMENT');
      expect(code(() => permuteRows(hash, short, 8))).toBe('INVALID_ARGUMENT');
    }
  });

  it('puts every row at every position about equally often', () => {
    const total = 8;
    const runs = 8_000;
    const seen = Array.from({ length: total }, () => new Array<number>(total).fill(0));
    for (let run = 0; run < runs; run++) {
      permuteRows(sha256(u32le(run)), new Uint8Array(32), total).forEach((row, position) => {
        const line = seen[position] as number[];
        line[row] = (line[row] as number) + 1;
      });
    }
    // chi-square over 49 degrees of freedom: 85.4 is passed once in a thousand; inputs are fixed, so the figure is too
    const expected = runs / total;
    const chi = seen.flat().reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
    expect(chi).toBeLessThan(85.4);
  });
});

describe('drawIndices', () => {
  const counter = () => {
    let i = 0;
    return (length: number): Uint8Array => sha256(u32le(i++)).slice(0, length);
  };

  it('draws distinct rows that were not drawn before, until none is left', () => {
    const random = counter();
    const first = drawIndices(20, 256, random);
    const second = drawIndices(300, 256, random, new Set(first));
    expect(first.length).toBe(20);
    expect(second.length).toBe(236);
    expect(new Set([...first, ...second]).size).toBe(256);
    expect([...first, ...second].every((i) => Number.isInteger(i) && i >= 0 && i < 256)).toBe(true);
  });

  it('has no favourites', () => {
    const random = counter();
    const seen = new Array<number>(10).fill(0);
    for (let run = 0; run < 4_000; run++) for (const i of drawIndices(3, 10, random)) seen[i] = (seen[i] as number) + 1;
    const chi = seen.reduce((sum, count) => sum + (count - 1200) ** 2 / 1200, 0);
    expect(chi).toBeLessThan(27.9); // 9 degrees of freedom, once in a thousand
  });

  it('throws words away that would favour small numbers', () => {
    const words = [0xffffffff, 5];
    const random = (): Uint8Array => u32le(words.shift() ?? 0);
    expect(drawIndices(1, 3, random)).toEqual([5 % 3]);
  });

  it('refuses counts that make no sense', () => {
    for (const count of [-1, 0.5, Number.NaN]) expect(code(() => drawIndices(count, 4, counter()))).toBe('INVALID_ARGUMENT');
    expect(drawIndices(0, 4, counter())).toEqual([]);
    expect(drawIndices(1, 1, counter())).toEqual([0]);
    expect(drawIndices(1, 65_536, counter())).toHaveLength(1);
    for (const total of [0, -1, 1.5, 65_537, 2 ** 40])
      expect(code(() => drawIndices(1, total, counter()))).toBe('INVALID_ARGUMENT');
  });
});
