import { toHex } from '@perigee/wire';
import type { AttestCrypto } from './crypto.ts';
import type { RootBytes, Roots } from './roots.ts';

/** A vendor's root certificate, known by the SHA-256 of its DER, which is how vendors publish it. */
export interface Pin {
  /** For people. */
  readonly name: string;
  /** Hexadecimal. */
  readonly sha256: string;
}

/**
 * The roots that a chain may end in: for vendors the certificate at its end, if that is pinned; for a development genesis what that brings.
 *
 * @param last DER of the certificate at the end of the chain
 * @returns DER of certificates to compare with, none if it is not pinned
 */
export async function rootsFor(
  roots: Roots,
  vendor: keyof RootBytes,
  pins: readonly Pin[],
  last: Uint8Array | undefined,
  primitives: AttestCrypto,
): Promise<readonly Uint8Array[]> {
  if (roots !== 'vendor') return roots[vendor] ?? [];
  if (last === undefined) return [];
  const digest = toHex(await primitives.sha256(last));
  return pins.some(({ sha256 }) => sha256 === digest) ? [last] : [];
}
