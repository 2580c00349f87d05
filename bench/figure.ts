import type { Figure } from './schema.mjs';

/** What a bench program knows besides its samples. */
export interface FigureOptions {
  /** Limit of DESIGN §7: a floor if the unit is a rate, else a ceiling. */
  readonly budget?: number;
  /** Another program's samples of the same thing, taken in the same run. */
  readonly peer?: { readonly name: string; readonly samples: readonly number[] };
}

/** Reports a figure to `npm run bench`. */
export function report(name: string, unit: string, samples: readonly number[], { budget, peer }: FigureOptions = {}): void {
  const figure: Figure = {
    name,
    unit,
    median: median(samples),
    min: Math.min(...samples),
    max: Math.max(...samples),
    n: samples.length,
    budget: budget ?? null,
    peer: peer === undefined ? null : { name: peer.name, median: median(peer.samples) },
  };
  console.log(`FIGURE ${JSON.stringify(figure)}`);
}

function median(samples: readonly number[]): number {
  const sorted = [...samples].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const [low, high] = [sorted[Math.ceil(middle) - 1], sorted[Math.floor(middle)]];
  if (low === undefined || high === undefined) throw new Error('a figure without samples');
  return (low + high) / 2;
}
