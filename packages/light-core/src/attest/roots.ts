import { PerigeeError } from '@perigee/wire';

/** Root certificates that a development PKI made, DER, by vendor. */
export interface RootBytes {
  readonly intel?: readonly Uint8Array[];
  readonly amd?: readonly Uint8Array[];
  readonly nvidia?: readonly Uint8Array[];
  readonly nitro?: readonly Uint8Array[];
}

declare const brand: unique symbol;

/** Roots of a development genesis. Only `developmentRoots` makes one: what comes through JSON, `postMessage` or a file is none. */
export type DevelopmentRoots = RootBytes & { readonly [brand]: true };

/** `vendor`: the roots that are part of this program, which nothing can replace. */
export type Roots = 'vendor' | DevelopmentRoots;

const made = new WeakSet<object>();

/**
 * Roots for simulated evidence. All that they vouch for is reported as `simulated`.
 *
 * @param genesis of the chain that is followed, as proved (PROTOCOL §5)
 * @throws INVALID_ARGUMENT unless it is that of a development chain
 */
export function developmentRoots(genesis: { readonly development: boolean }, roots: RootBytes): DevelopmentRoots {
  if (genesis.development !== true) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      'roots of simulated evidence belong to a development genesis, and this chain has none',
    );
  }
  const copy = Object.freeze({ ...roots });
  made.add(copy);
  return copy as DevelopmentRoots;
}

/** @throws INVALID_ARGUMENT for what is neither */
export function checkRoots(roots: Roots): Roots {
  if (roots === 'vendor' || (typeof roots === 'object' && roots !== null && made.has(roots))) return roots;
  throw new PerigeeError('INVALID_ARGUMENT', 'roots are "vendor", or what developmentRoots() has made in this thread');
}
