import { concat, HEADER_CONFLICT_MAGIC, HeaderAnswer, HeaderConflict } from '@perigee/wire';
import type { Conflict } from '../verify/verifier.ts';

/** Two validly signed headers of one height as they are kept: a file that others can judge. */
export function conflictFile({ common, first, second }: Conflict, chainId: string, foundAt: number): Uint8Array {
  const conflict = HeaderConflict.encode({
    version: 0,
    chainId,
    common: HeaderAnswer.decode(common),
    first: HeaderAnswer.decode(first),
    second: HeaderAnswer.decode(second),
    foundAt,
  });
  return concat(HEADER_CONFLICT_MAGIC, conflict);
}
