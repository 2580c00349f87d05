import { MAX_CODE_POSITIONS, PerigeeError } from '@perigee/wire';
import type { RandomBytes } from '../roles/index.ts';
import { uniform } from './uniform.ts';

/**
 * Draw distinct row indices, each set equally likely (PROTOCOL §4). They must be drawn before anything is asked, and every one of
 * them stays in the denominator.
 *
 * @param total K + N
 * @param random a CSPRNG: a server that can guess the draw can pass it while it withholds the rest
 * @param drawn indices of earlier rounds, which are not drawn again
 * @returns `count` indices in the order of the draw, fewer when fewer are left
 * @throws INVALID_ARGUMENT
 */
export function drawIndices(count: number, total: number, random: RandomBytes, drawn: ReadonlySet<number> = new Set()): number[] {
  if (!Number.isSafeInteger(count) || count < 0 || !Number.isSafeInteger(total) || total < 1 || total > MAX_CODE_POSITIONS) {
    throw new PerigeeError('INVALID_ARGUMENT', `cannot draw ${count} of ${total} rows`);
  }
  const left = Uint32Array.from({ length: total }, (_, i) => i).filter((i) => !drawn.has(i));
  const indices: number[] = [];
  for (let size = left.length; size > 0 && indices.length < count; size--) {
    const at = uniform(size, () => wordOf(random(4)));
    indices.push(left[at] as number);
    left[at] = left[size - 1] as number;
  }
  return indices;
}

function wordOf(bytes: Uint8Array): number {
  return new DataView(bytes.buffer, bytes.byteOffset, 4).getUint32(0, true);
}
