import { type IntelCollateral, verifyEvidence, webCryptoAttest } from '../packages/light-core/src/attest/index.ts';

/** A quote with what it is verified by. */
export interface AttestJob {
  readonly quote: Uint8Array;
  readonly intel: IntelCollateral;
  /** Milliseconds since 1970. */
  readonly time: number;
  readonly times: number;
}

/** Milliseconds of each verification, from bytes to report, collateral included. */
export interface AttestTimes {
  /** No key is known from before. */
  readonly cold: readonly number[];
  /** The keys are known: the vendor's are the same for every quote. */
  readonly warm: readonly number[];
}

/** The first of `cold` is the first that this thread verifies at all. */
export async function measureAttest({ quote, intel, time, times }: AttestJob): Promise<AttestTimes> {
  const once = async (primitives: ReturnType<typeof webCryptoAttest>): Promise<number> => {
    const start = performance.now();
    const report = await verifyEvidence(quote, { collateral: { intel }, time, policy: {}, crypto: primitives, roots: 'vendor' });
    const taken = performance.now() - start;
    if (report.status !== 'real-pass') throw new Error(`the quote was refused: ${JSON.stringify(report.checks)}`);
    return taken;
  };
  const [cold, warm]: [number[], number[]] = [[], []];
  while (cold.length < times) cold.push(await once(webCryptoAttest(crypto.subtle)));
  const known = webCryptoAttest(crypto.subtle);
  await once(known);
  while (warm.length < times) warm.push(await once(known));
  return { cold, warm };
}
