import { MAX_CODE_POSITIONS, PerigeeError } from '@perigee/wire';

/** Counts of original and parity rows. */
export interface RowCounts {
  readonly k: number;
  readonly n: number;
}

/** What became of the rows of one blob that a client drew. */
export interface SampleCount {
  /** Distinct rows drawn; each stays in the count whatever became of it. */
  readonly drawn: number;
  /** Those that were verified. */
  readonly verified: number;
}

/**
 * How sure a client can be that enough rows exist to recover the blob (PROTOCOL §4): the chance that a blob with too few of them, K−1, would
 * have shown this many in a draw that its servers could not foresee, as −log2, less what several looks at the evidence cost.
 *
 * @param rounds times that the evidence was looked at, at least 1
 * @returns bits, not below 0; the blob may be called available at 40
 * @throws INVALID_ARGUMENT for counts that cannot be
 */
export function availabilityBits(rows: RowCounts, count: SampleCount, rounds: number): number {
  check(rows, count);
  if (!Number.isSafeInteger(rounds) || rounds < 1) throw new PerigeeError('INVALID_ARGUMENT', `${rounds} is no number of rounds`);
  const total = rows.k + rows.n;
  const chance = log2Range(total, rows.k - 1, count.drawn, count.verified, count.drawn);
  return Math.max(0, -chance - 2 * Math.log2(rounds));
}

/**
 * How sure a client can be that the blob cannot be recovered, once all holders were asked: the chance that a blob of which K rows exist would
 * have shown as few as this, as −log2.
 *
 * @returns bits, not below 0; the blob may be called unavailable above 20
 * @throws INVALID_ARGUMENT
 */
export function unavailabilityBits(rows: RowCounts, count: SampleCount): number {
  check(rows, count);
  return Math.max(0, -log2Range(rows.k + rows.n, rows.k, count.drawn, 0, count.verified));
}

/**
 * How sure a client can be, by its own rows alone, that the blob is encoded as its commitment says: v · (1 − log2(1 + ρ)), for a matrix
 * beyond the unique-decoding radius lets each row pass with a chance of (1 + ρ) / 2 (rsema1d, eprint 2025/034). Shown beside the bits of
 * availability, never added to them.
 *
 * @param verified rows of one row root
 * @returns bits; 0 once a row failed its linear combination
 */
export function encodingBits({ k, n }: RowCounts, verified: number, failed: boolean): number {
  return failed ? 0 : verified * (1 - Math.log2(1 + k / (k + n)));
}

function check({ k, n }: RowCounts, { drawn, verified }: SampleCount): void {
  const counts = [k, n, drawn, verified];
  if (
    !counts.every((count) => Number.isSafeInteger(count) && count >= 0) ||
    k < 1 ||
    k + n > MAX_CODE_POSITIONS ||
    drawn > k + n ||
    verified > drawn
  ) {
    throw new PerigeeError('INVALID_ARGUMENT', `${verified} verified of ${drawn} drawn of ${k} + ${n} rows cannot be`);
  }
}

/** log2 P[low ≤ X ≤ high] for X marked rows among `drawn`, drawn without putting back from `total` rows of which `marked` are marked. */
function log2Range(total: number, marked: number, drawn: number, low: number, high: number): number {
  const from = Math.max(low, drawn - (total - marked));
  const to = Math.min(high, marked, drawn);
  if (from > to) return Number.NEGATIVE_INFINITY;
  const factorial = log2Factorials(total);
  const choose = (a: number, b: number): number => at(factorial, a) - at(factorial, b) - at(factorial, a - b);
  const all = choose(total, drawn);
  const terms: number[] = [];
  for (let x = from; x <= to; x++) terms.push(choose(marked, x) + choose(total - marked, drawn - x) - all);
  // sums are taken relative to the largest term: the terms themselves are far below what a float holds
  const largest = terms.reduce((most, term) => Math.max(most, term), Number.NEGATIVE_INFINITY);
  return Math.min(0, largest + Math.log2(terms.reduce((sum, term) => sum + 2 ** (term - largest), 0)));
}

let table = new Float64Array(1);

/** log2 i! up to `size`, kept for the next call. */
function log2Factorials(size: number): Float64Array {
  if (table.length <= size) {
    const longer = new Float64Array(size + 1);
    for (let i = 1; i <= size; i++) longer[i] = at(longer, i - 1) + Math.log2(i);
    table = longer;
  }
  return table;
}

function at(values: Float64Array, i: number): number {
  return values[i] ?? 0;
}
