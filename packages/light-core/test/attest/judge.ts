/** Shared by tests of evidence: verdicts in one glance, and cryptography whose work is counted. */
import type { AttestationReport, AttestCrypto } from '../../src/attest/index.ts';

/** Each check as `pass`, or as its verdict with the code. */
export function verdictsOf(report: AttestationReport): Record<string, string> {
  return Object.fromEntries(
    report.checks.map(({ name, verdict, code }) => [name, code === undefined ? verdict : `${verdict} ${code}`]),
  );
}

/** The same cryptography, and how many signatures it was asked for. */
export function counting(primitives: AttestCrypto): { readonly crypto: AttestCrypto; readonly asked: () => number } {
  let signatures = 0;
  const crypto: AttestCrypto = {
    ...primitives,
    verifyEcdsa: (key, message, signature) => {
      signatures++;
      return primitives.verifyEcdsa(key, message, signature);
    },
    verifyRsaPss: (key, message, signature) => {
      signatures++;
      return primitives.verifyRsaPss(key, message, signature);
    },
  };
  return { crypto, asked: () => signatures };
}

/** Runs a job for each value, a few at once so that WebCrypto's threads are busy. */
export async function forAll<T>(values: Iterable<T>, run: (value: T) => Promise<void>, atOnce = 8): Promise<void> {
  const all = values[Symbol.iterator]();
  const lane = async (): Promise<void> => {
    for (let next = all.next(); next.done !== true; next = all.next()) await run(next.value);
  };
  await Promise.all(Array.from({ length: atOnce }, lane));
}
