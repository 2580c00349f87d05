import { fromUtf8, MAX_KEPT_FLOORS, PerigeeError, utf8 } from '@perigee/wire';
import type { Floors } from '../collateral.ts';

const VERSION = 1;

/** Floors as a store keeps them. Past MAX_KEPT_FLOORS nothing is added. @param floors those that were kept before stand first */
export function encodeFloors(floors: Floors): Uint8Array {
  const names = Object.keys(floors).slice(0, MAX_KEPT_FLOORS).sort();
  return utf8(`${JSON.stringify({ version: VERSION, floors: Object.fromEntries(names.map((name) => [name, floors[name]])) })}\n`);
}

/**
 * @throws STORE_CORRUPT: floors that cannot be read must not be taken for none; UNKNOWN_VERSION
 */
export function decodeFloors(bytes: Uint8Array): Floors {
  try {
    const { version, floors } = JSON.parse(fromUtf8(bytes)) as { version?: unknown; floors?: unknown };
    if (version !== VERSION)
      throw new PerigeeError('UNKNOWN_VERSION', `floors have version ${version}; only ${VERSION} is known`);
    const entries = Object.entries(floors as Record<string, unknown>);
    if (entries.every(([, number]) => typeof number === 'number' && Number.isSafeInteger(number) && number >= 0)) {
      return Object.fromEntries(entries) as Floors;
    }
  } catch (error) {
    if (error instanceof PerigeeError && error.code === 'UNKNOWN_VERSION') throw error;
  }
  throw new PerigeeError(
    'STORE_CORRUPT',
    'the floors of collateral cannot be read; without them old collateral could not be told from new',
  );
}
