/** How much must be executed again to find who lies now and then (docs/compute.md). All shares are 0 to 1. */

/**
 * Chance that at least one false answer is found: 1 − (1 − rate · lies)^receipts. Each receipt is false with chance `lies`, and is executed again with chance
 * `rate`, which is drawn after it was signed.
 */
export function detectionOf({ rate, lies, receipts }: { rate: number; lies: number; receipts: number }): number {
  return 1 - (1 - rate * lies) ** receipts;
}

/**
 * The rate at which a share of lies is found with a chance of `detection` among so many receipts: (1 − (1 − detection)^(1/receipts)) / lies.
 *
 * @returns `undefined` where not even all receipts are enough
 */
export function auditRateFor({
  detection,
  lies,
  receipts,
}: {
  detection: number;
  lies: number;
  receipts: number;
}): number | undefined {
  const rate = (1 - (1 - detection) ** (1 / receipts)) / lies;
  return rate <= 1 ? rate : undefined;
}

/** Receipts that must be executed again for that, however many there are: ⌈ln(1 − detection) / ln(1 − lies)⌉. */
export function auditsFor({ detection, lies }: { detection: number; lies: number }): number {
  return Math.ceil(Math.log(1 - detection) / Math.log(1 - lies));
}
