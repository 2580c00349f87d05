import { fileGeometry, type Submission } from '@perigee/light-core/storage';
import { toHex } from '@perigee/wire';
import type { Random } from '../../../../tests/kit/random.ts';

/** Submissions that a flow takes, small and large, in any order. */
export function randomSubmissions(random: Random, count: number, largest: number): Submission[] {
  return Array.from({ length: count }, () => {
    const length = Math.max(1, Math.floor(2 ** (random.below(Math.log2(largest) * 16) / 16)));
    const nodes = fileGeometry(length).nodes.map((chunks) => ({ root: random.bytes(32), height: Math.log2(chunks) }));
    return { length, tags: new Uint8Array(0), nodes };
  });
}

/** As the contract's program reads them. */
export function toJson(submissions: readonly Submission[]): unknown {
  return submissions.map(({ length, tags, nodes }) => ({
    length,
    tags: `0x${toHex(tags)}`,
    nodes: nodes.map(({ root, height }) => ({ root: `0x${toHex(root)}`, height })),
  }));
}
