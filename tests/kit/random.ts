/**
 * Numbers for tests that anyone can repeat: sfc32 seeded with 32 bits. The seed is printed when a test fails, and PERIGEE_SEED sets it.
 * Never for keys or for anything that a peer must not guess.
 */
export interface Random {
  readonly seed: number;
  u32(): number;
  /** An integer in [0, bound). */
  below(bound: number): number;
  /** An integer in [from, to]. */
  between(from: number, to: number): number;
  chance(probability: number): boolean;
  pick<T>(values: readonly T[]): T;
  bytes(length: number): Uint8Array;
  /** The values in another order. */
  shuffled<T>(values: readonly T[]): T[];
}

const WARM_UP = 12;

export function createRandom(seed: number = newSeed()): Random {
  let [a, b, c, counter] = [0, seed | 0, 0x9e3779b9 | 0, 1];
  const u32 = (): number => {
    const out = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = (((c << 21) | (c >>> 11)) + out) | 0;
    return out >>> 0;
  };
  for (let i = 0; i < WARM_UP; i++) u32();
  const below = (bound: number): number => Math.floor((u32() / 2 ** 32) * bound);
  return {
    seed,
    u32,
    below,
    between: (from, to) => from + below(to - from + 1),
    chance: (probability) => u32() / 2 ** 32 < probability,
    pick<T>(values: readonly T[]): T {
      if (values.length === 0) throw new Error('nothing to pick from');
      return values[below(values.length)] as T;
    },
    bytes: (length) => Uint8Array.from({ length }, u32),
    shuffled<T>(values: readonly T[]): T[] {
      const out = [...values];
      for (let i = out.length - 1; i > 0; i--) {
        const j = below(i + 1);
        [out[i], out[j]] = [out[j] as T, out[i] as T];
      }
      return out;
    },
  };
}

/**
 * A generator for one test that prints its seed if the test fails.
 *
 * @param onFailed `onTestFailed` of the test's runner
 */
export function randomOf(onFailed: (print: () => void) => void): Random {
  const random = createRandom();
  onFailed(() => console.log(`PERIGEE_SEED=${random.seed} repeats this test's random choices`));
  return random;
}

function newSeed(): number {
  const given = process.env.PERIGEE_SEED;
  return given === undefined ? (crypto.getRandomValues(new Uint32Array(1))[0] as number) : Number(given) >>> 0;
}
