/** One measured number, in the form of `bench/README.md`. */
export interface Figure {
  readonly name: string;
  readonly unit: string;
  readonly median: number;
  readonly min: number;
  readonly max: number;
  readonly n: number;
  /** A floor if the unit is a rate, else a ceiling. */
  readonly budget: number | null;
  readonly peer: null;
}

export function figureOf(name: string, unit: string, samples: readonly number[], budget: number | null): Figure {
  const sorted = samples.toSorted((a, b) => a - b);
  const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
  return { name, unit, median, min: sorted[0] ?? 0, max: sorted.at(-1) ?? 0, n: sorted.length, budget, peer: null };
}

/** Lines of a table. */
export function figureTable(figures: readonly Figure[]): string[] {
  const rows = figures.map(({ name, unit, median, min, max, n, budget }) => {
    const kept = budget !== null && (unit.endsWith('/s') ? median >= budget : median <= budget);
    const limit = budget === null ? '' : `${short(budget)} ${kept ? 'kept' : 'MISSED'}`;
    return [name, `${short(median)} ${unit}`, `${short(min)} to ${short(max)}`, String(n), limit];
  });
  const table = [['figure', 'median', 'range', 'n', 'budget'], ...rows];
  const widths = [0, 1, 2, 3, 4].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  return table.map((row) =>
    row
      .map((cell, column) => cell.padEnd(widths[column] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** Three significant digits. */
function short(value: number): string {
  return value >= 1_000 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}
