import { MIN_ROWS_PER_MEMBER, PerigeeError } from '@perigee/wire';
import type { CanonicalCommittee } from './committee.ts';
import { redundancyOf } from './geometry.ts';
import { permuteRows } from './permutation.ts';

/** Who holds which row of one blob (PROTOCOL §2). Members are given by their place in the committee. */
export interface Assignment {
  readonly committee: CanonicalCommittee;
  /** K + N. */
  readonly total: number;
  /** How many rows a member holds. */
  countOf(member: number): number;
  /** Rows of a member, ascending. */
  rowsOf(member: number): Uint16Array;
  holds(member: number, row: number): boolean;
  /** Members that hold a row, ascending; never empty. */
  ownersOf(row: number): number[];
}

/**
 * @param commitment 32 bytes
 * @param shape counts of original and parity rows, with a redundancy of 2, 4 or 8
 * @throws BLOB_GEOMETRY, INVALID_ARGUMENT
 */
export function assignRows(
  committee: CanonicalCommittee,
  commitment: Uint8Array,
  shape: { readonly k: number; readonly n: number },
): Assignment {
  const total = shape.k + shape.n;
  const atLeast = Math.min(total, MIN_ROWS_PER_MEMBER[redundancyOf(shape)]);
  const rowAt = permuteRows(commitment, committee.hash, total);
  const positionOf = new Uint16Array(total);
  rowAt.forEach((row, position) => {
    positionOf[row] = position;
  });
  const runs = memberRuns(committee, total, atLeast);

  const run = (member: number): Run => {
    const found = runs[member];
    if (found === undefined) throw new PerigeeError('INVALID_ARGUMENT', `the committee has no member ${member}`);
    return found;
  };
  const inRun = ({ start, count }: Run, row: number): boolean => {
    const position = positionOf[row];
    if (position === undefined) return false;
    return (position - start + total) % total < count;
  };
  return {
    committee,
    total,
    countOf: (member) => run(member).count,
    rowsOf: (member) => {
      const { start, count } = run(member);
      return Uint16Array.from({ length: count }, (_, i) => rowAt[(start + i) % total] as number).sort();
    },
    holds: (member, row) => inRun(run(member), row),
    ownersOf: (row) => runs.flatMap((held, member) => (inRun(held, row) ? [member] : [])),
  };
}

/** Consecutive permuted positions, wrapping behind the last. */
interface Run {
  readonly start: number;
  readonly count: number;
}

/** The run of each member: its share of the cumulative stake rounded outwards, then extended to at least `atLeast`. */
function memberRuns({ members, totalStake }: CanonicalCommittee, total: number, atLeast: number): Run[] {
  const positions = BigInt(total);
  let before = 0n;
  return members.map(({ stake }) => {
    const start = (before * positions) / totalStake;
    before += stake;
    const end = (before * positions + totalStake - 1n) / totalStake;
    return { start: Number(start), count: Math.max(Number(end - start), atLeast) };
  });
}
