/** Where a key leads from one row of the map. Pure. */

export interface MoveInput {
  readonly from: number;
  readonly total: number;
  readonly columns: number;
  /** Rows that were asked for, ascending. */
  readonly asked: readonly number[];
}

/** @returns the row that `key` leads to; `undefined` when the key does not move */
export function moveTo(key: string, { from, total, columns, asked }: MoveInput): number | undefined {
  const within = (row: number) => Math.max(0, Math.min(total - 1, row));
  switch (key) {
    case 'ArrowRight':
      return within(from + 1);
    case 'ArrowLeft':
      return within(from - 1);
    case 'ArrowDown':
      return from + columns < total ? from + columns : from;
    case 'ArrowUp':
      return from >= columns ? from - columns : from;
    case 'Home':
      return 0;
    case 'End':
      return total - 1;
    case 'PageDown':
      return nextAsked(asked, from) ?? from;
    case 'PageUp':
      return previousAsked(asked, from) ?? from;
    default:
      return undefined;
  }
}

/** @param asked ascending */
export function nextAsked(asked: readonly number[], from: number): number | undefined {
  return asked.find((row) => row > from);
}

/** @param asked ascending */
export function previousAsked(asked: readonly number[], from: number): number | undefined {
  return asked.findLast((row) => row < from);
}
