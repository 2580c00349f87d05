/** What is left to the signers of a certificate when some of the stake is gone: by trying all, and by taking what hurts most. */
import type { Assignment } from '@perigee/light-core/da';

/** The part of all stake that may be taken away, as a fraction. */
export interface Part {
  readonly over: bigint;
  readonly under: bigint;
}

export interface Left {
  /** Different rows that the rest holds. */
  readonly rows: number;
  readonly signers: readonly number[];
  readonly gone: readonly number[];
  /** Pairs of a certificate and a removal that were looked at. */
  readonly tried: number;
}

interface Stakes {
  readonly of: readonly bigint[];
  readonly total: bigint;
}

function stakesOf({ committee }: Assignment): Stakes {
  return { of: committee.members.map(({ stake }) => stake), total: committee.totalStake };
}

/**
 * Every set of signers that makes a certificate, and every part of it that may go: the pair that leaves the fewest rows. For up to 12
 * members, of whom there are 3^12 such pairs.
 */
export function fewestOfAll(assignment: Assignment, required: bigint, part: Part): Left {
  const { of: stakes, total } = stakesOf(assignment);
  const sets = 1 << stakes.length;
  const stakeOf = new Array<bigint>(sets).fill(0n);
  const rowsOf = new Array<Uint32Array>(sets);
  rowsOf[0] = new Uint32Array(Math.ceil(assignment.total / 32));
  for (let set = 1; set < sets; set++) {
    const member = 31 - Math.clz32(set);
    const rest = set & ~(1 << member);
    stakeOf[set] = (stakeOf[rest] ?? 0n) + (stakes[member] ?? 0n);
    const rows = Uint32Array.from(rowsOf[rest] ?? []);
    for (const row of assignment.rowsOf(member)) rows[row >> 5] = (rows[row >> 5] ?? 0) | (1 << (row & 31));
    rowsOf[set] = rows;
  }
  const mayGo = stakeOf.map((stake) => stake * part.under <= total * part.over);
  let least: Left = { rows: Number.POSITIVE_INFINITY, signers: [], gone: [], tried: 0 };
  let tried = 0;
  for (let left = 0; left < sets; left++) {
    const others = sets - 1 - left;
    const missing = required - (stakeOf[left] ?? 0n);
    if (missing > total) continue;
    let found: number | undefined;
    for (let gone = others; ; gone = (gone - 1) & others) {
      if (mayGo[gone] && (stakeOf[gone] ?? 0n) >= missing) {
        tried += 1;
        found = gone;
      }
      if (gone === 0) break;
    }
    if (found === undefined) continue;
    const rows = countBits(rowsOf[left] ?? new Uint32Array(0));
    if (rows < least.rows) least = { rows, signers: membersOf(left | found), gone: membersOf(found), tried };
  }
  return { ...least, tried };
}

function countBits(words: Uint32Array): number {
  let count = 0;
  for (let word of words) for (; word !== 0; word &= word - 1) count += 1;
  return count;
}

function membersOf(set: number): number[] {
  return Array.from({ length: 32 }, (_, i) => i).filter((i) => (set >>> i) & 1);
}

/** The fewest members, in the order given, that make a certificate: none of them can be left out. */
export function smallestCertificate(assignment: Assignment, required: bigint, order: readonly number[]): number[] {
  const { of: stakes } = stakesOf(assignment);
  const signers: number[] = [];
  let signed = 0n;
  for (const member of order) {
    if (signed >= required) break;
    signers.push(member);
    signed += stakes[member] ?? 0n;
  }
  return signers.filter((member) => {
    const without = signed - (stakes[member] ?? 0n);
    if (without < required) return true;
    signed = without;
    return false;
  });
}

/** What greed looks at: the rows that only this member holds, or those for each unit of stake. */
export const GREEDS = {
  'most rows': (rows: number) => rows,
  'most rows for their stake': (rows: number, stake: bigint) => rows / Number(stake),
} as const;

/** Takes signers away, each time the one that greed names, as long as the part lasts. */
export function fewestByGreed(
  assignment: Assignment,
  signers: readonly number[],
  part: Part,
  greed: (typeof GREEDS)[keyof typeof GREEDS],
): Left {
  const { of: stakes, total } = stakesOf(assignment);
  const held = new Map(signers.map((member) => [member, assignment.rowsOf(member)]));
  const holders = new Uint8Array(assignment.total);
  for (const rows of held.values()) for (const row of rows) holders[row] = (holders[row] ?? 0) + 1;
  let taken = 0n;
  let tried = 0;
  const gone: number[] = [];
  for (;;) {
    let best: { member: number; worth: number } | undefined;
    for (const [member, rows] of held) {
      const stake = stakes[member] ?? 0n;
      if ((taken + stake) * part.under > total * part.over) continue;
      tried += 1;
      const worth = greed(rows.filter((row) => holders[row] === 1).length, stake);
      if (best === undefined || worth > best.worth) best = { member, worth };
    }
    if (best === undefined) break;
    for (const row of held.get(best.member) ?? []) holders[row] = (holders[row] ?? 0) - 1;
    held.delete(best.member);
    gone.push(best.member);
    taken += stakes[best.member] ?? 0n;
  }
  return { rows: holders.reduce((count, n) => count + (n > 0 ? 1 : 0), 0), signers, gone, tried };
}
