/** PROTOCOL §2 and §3 together: the signers of any certificate, less any third of the stake, still hold K different rows. */
import { type Assignment, assignRows, requiredStake } from '@perigee/light-core/da';
import { describe, expect, it } from 'vitest';
import { type Random, randomOf } from '../../../../tests/kit/index.ts';
import { rowsByTheWords } from './by-the-words.ts';
import { fewestByGreed, fewestOfAll, GREEDS, type Left, type Part, smallestCertificate } from './removal.ts';
import { committeeOf, SPREAD_NAMES } from './stakes.ts';

const LONG = process.env.PERIGEE_LONG === '1';
const THIRD: Part = { over: 1n, under: 3n };
/** Members up to which every certificate and every removal is tried. */
const ALL_UP_TO = 12;
/** K and redundancy of blobs (PROTOCOL §1). */
const SHAPES = [2, 4, 8].flatMap((redundancy) =>
  [64, 256, 1_024, 4_096].filter((k) => redundancy < 8 || k < 4_096).map((k) => ({ redundancy, k, n: (redundancy - 1) * k })),
);
/** Basis points: the floor, and higher ones. */
const QUORUMS = [0, 0, 6_700, 8_000, 9_000, 9_999];

interface Case {
  readonly assignment: Assignment;
  readonly shape: (typeof SHAPES)[number];
  readonly required: bigint;
  readonly commitment: Uint8Array;
  readonly name: string;
}

function caseOf(random: Random, members: number): Case {
  const [spread, shape, quorum] = [random.pick(SPREAD_NAMES), random.pick(SHAPES), random.pick(QUORUMS)];
  const committee = committeeOf(random, spread, members);
  const commitment = random.bytes(32);
  return {
    assignment: assignRows(committee, commitment, shape),
    shape,
    required: requiredStake(committee.totalStake, { ...shape, quorum }),
    commitment,
    name: `${members} members, ${spread}, ${shape.redundancy}× of ${shape.k}, quorum ${quorum}`,
  };
}

/** Orders in which members sign: those that hold little for their stake first, the small or the large ones first, any. */
function ordersOf(random: Random, { committee, countOf }: Assignment): number[][] {
  const members = committee.members.map((_, i) => i);
  const stake = (i: number): number => Number(committee.members[i]?.stake ?? 0n);
  return [
    members.toSorted((a, b) => countOf(a) / stake(a) - countOf(b) / stake(b)),
    members.toSorted((a, b) => stake(a) - stake(b)),
    members.toSorted((a, b) => stake(b) - stake(a)),
    random.shuffled(members),
  ];
}

function fewest(random: Random, { assignment, required }: Case, part = THIRD): Left {
  if (assignment.committee.members.length <= ALL_UP_TO) return fewestOfAll(assignment, required, part);
  const lefts = ordersOf(random, assignment).flatMap((order) => {
    const signers = smallestCertificate(assignment, required, order);
    return Object.values(GREEDS).map((greed) => fewestByGreed(assignment, signers, part, greed));
  });
  const [least] = lefts.toSorted((a, b) => a.rows - b.rows);
  if (least === undefined) throw new Error('no certificate was tried');
  return { ...least, tried: lefts.reduce((sum, { tried }) => sum + tried, 0) };
}

describe('the signers of a certificate, less any third of the stake,', () => {
  const groups = [
    { from: 1, to: 7, runs: LONG ? 2_000 : 60 },
    { from: 8, to: ALL_UP_TO, runs: LONG ? 200 : 4 },
    { from: ALL_UP_TO + 1, to: 100, runs: LONG ? 400 : 10 },
  ];
  for (const { from, to, runs } of groups) {
    it(`still hold K different rows: ${from} to ${to} members, ${runs} committees`, { timeout: 900_000 }, ({ onTestFailed }) => {
      const random = randomOf(onTestFailed);
      let tightest = Number.POSITIVE_INFINITY;
      let tried = 0;
      for (let run = 0; run < runs; run++) {
        const given = caseOf(random, random.between(from, to));
        const left = fewest(random, given);
        expect(left.rows, `${given.name}: signers ${left.signers}, gone ${left.gone}`).toBeGreaterThanOrEqual(given.shape.k);
        tightest = Math.min(tightest, left.rows / given.shape.k);
        tried += left.tried;
      }
      expect(tried).toBeGreaterThan(runs);
      if (LONG)
        console.log(`PERIGEE_SEED=${random.seed}: ${runs} committees, ${tried} removals, fewest rows ${tightest.toFixed(4)} K`);
    });
  }

  it('would not, were more than that taken: the search finds it', ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    const most: Part = { over: 3n, under: 5n };
    for (const members of [ALL_UP_TO, 40]) {
      const committee = committeeOf(random, 'alike', members);
      const commitment = random.bytes(32);
      // the least number of rows of a member hides this at smaller K
      for (const shape of SHAPES.filter(({ k }) => k === 4_096)) {
        const assignment = assignRows(committee, commitment, shape);
        const required = requiredStake(committee.totalStake, { ...shape, quorum: 0 });
        const left = fewest(random, { assignment, shape, required, commitment, name: '' }, most);
        expect(left.rows).toBeLessThan(shape.k);
        expect(left.gone.every((member) => left.signers.includes(member))).toBe(true);
      }
    }
  });

  it('are found by greed where trying all finds them', ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    for (let run = 0; run < 6; run++) {
      const given = caseOf(random, random.between(2, 9));
      const all = fewestOfAll(given.assignment, given.required, THIRD);
      for (const order of ordersOf(random, given.assignment)) {
        const signers = smallestCertificate(given.assignment, given.required, order);
        for (const greed of Object.values(GREEDS)) {
          // greed is a way to few rows, and never to fewer than there are
          expect(fewestByGreed(given.assignment, signers, THIRD, greed).rows).toBeGreaterThanOrEqual(all.rows);
        }
      }
    }
  });
});

describe('two computations of the assignment', () => {
  const runs = LONG ? 300 : 15;
  it(`agree, row for row, over ${runs} committees`, { timeout: 600_000 }, ({ onTestFailed }) => {
    const random = randomOf(onTestFailed);
    for (let run = 0; run < runs; run++) {
      const { assignment, shape, commitment, name } = caseOf(random, random.between(1, 100));
      const expected = rowsByTheWords(random.shuffled(assignment.committee.members), commitment, shape.k, shape.n);
      for (const [member, rows] of expected.entries())
        expect([...assignment.rowsOf(member)], `${name}, member ${member}`).toEqual(rows);
      for (let row = 0; row < assignment.total; row += 61) {
        const owners = expected.flatMap((rows, member) => (rows.includes(row) ? [member] : []));
        expect(assignment.ownersOf(row), `${name}, row ${row}`).toEqual(owners);
        expect(owners.length).toBeGreaterThan(0);
      }
    }
    if (LONG) console.log(`PERIGEE_SEED=${random.seed}: ${runs} committees`);
  });
});
