/** A share of the stake as a fraction. */
type Fraction = readonly [over: bigint, under: bigint];

const BASIS_POINTS = 10_000n;

/**
 * The least signed stake that a certificate needs: more than max(2/3, 1/3 + ρ, quorum) of the total, ρ = K/(K+N) (PROTOCOL §3).
 * Whole numbers only, so that every machine agrees.
 *
 * @param quorum in basis points; 0 asks for the floor, 10,000 can never be exceeded
 */
export function requiredStake(
  totalStake: bigint,
  { k, n, quorum }: { readonly k: number; readonly n: number; readonly quorum: number },
): bigint {
  const rows = BigInt(k + n);
  const shares: Fraction[] = [
    [2n, 3n],
    [rows + 3n * BigInt(k), 3n * rows],
    [BigInt(quorum), BASIS_POINTS],
  ];
  return shares.reduce((most, [over, under]) => {
    const least = (totalStake * over) / under + 1n;
    return least > most ? least : most;
  }, 0n);
}
