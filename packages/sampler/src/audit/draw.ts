import type { RandomBytes } from '@perigee/light-core/roles';
import { PerigeeError } from '@perigee/wire';

const WORD_END = 2 ** 32;

/**
 * Whether a receipt is executed again: nobody knows before, not even its auditor.
 *
 * @param rate 0 to 1
 * @throws INVALID_ARGUMENT
 */
export function isDrawn(rate: number, random: RandomBytes): boolean {
  if (!(rate >= 0 && rate <= 1)) throw new PerigeeError('INVALID_ARGUMENT', `a rate is 0 to 1, not ${rate}`);
  const { buffer, byteOffset } = random(4);
  return new DataView(buffer, byteOffset).getUint32(0) < Math.ceil(rate * WORD_END);
}
