import { checkShard, holdsSegment, type Shard, selectNodes, shardsCoverAll, shardsIntersect } from '@perigee/light-core/storage';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeOf } from '../../../../tests/kit/code-of.ts';

const POWERS = [1, 2, 4, 8, 16];
const ALL: Shard[] = POWERS.flatMap((numShard) => Array.from({ length: numShard }, (_, shardId) => ({ shardId, numShard })));
const MOST = 16;
/** Segments of one period that a shard holds, by its definition. */
const held = ({ shardId, numShard }: Shard) => Array.from({ length: MOST }, (_, i) => i).filter((i) => i % numShard === shardId);

describe('shards', () => {
  it('meet, and lie in one another, exactly as the segments that they hold', () => {
    let pairs = 0;
    for (const a of ALL) {
      for (const b of ALL) {
        pairs += 1;
        const [inA, inB] = [held(a), held(b)];
        expect(shardsIntersect(a, b)).toBe(inA.some((segment) => inB.includes(segment)));
      }
    }
    expect(pairs).toBe(31 * 31);
  });

  it('are those where 0G takes halves of an id for remainders', () => {
    // as its node has it: the first is no meeting, and the second is one
    expect(shardsIntersect({ shardId: 1, numShard: 2 }, { shardId: 2, numShard: 4 })).toBe(false);
    expect(shardsIntersect({ shardId: 1, numShard: 4 }, { shardId: 1, numShard: 2 })).toBe(true);
  });

  it('count segments from the start of the flow', () => {
    const shard = { shardId: 3, numShard: 4 };
    expect([0, 1, 2, 3, 4].map((index) => holdsSegment(shard, 0, index))).toEqual([false, false, false, true, false]);
    expect([0, 1, 2, 3, 4].map((index) => holdsSegment(shard, 2_048, index))).toEqual([false, true, false, false, false]);
    // a file that begins inside of a segment lies in it
    expect(holdsSegment(shard, 3 * 1_024 + 512, 0)).toBe(true);
  });

  it('are refused when there are none such', () => {
    for (const [shardId, numShard] of [
      [0, 0],
      [0, 3],
      [2, 2],
      [-1, 2],
      [0.5, 2],
      [0, 2 ** 17],
      [0, Number.NaN],
      [Number.NaN, 2],
    ] as const) {
      expect(codeOf(() => checkShard({ shardId, numShard }))).toBe('INVALID_ARGUMENT');
      expect(codeOf(() => shardsCoverAll([{ shardId, numShard }]))).toBe('INVALID_ARGUMENT');
    }
  });
});

describe('the choice of nodes', () => {
  const nodes = fc.array(fc.constantFrom(...ALL), { maxLength: 24 }).map((shards) => shards.map((shard, id) => ({ id, shard })));

  it('holds every segment often enough with no node too many, or says that it cannot', () => {
    fc.assert(
      fc.property(nodes, fc.integer({ min: 1, max: 3 }), (all, replicas) => {
        const times = (chosen: typeof all, segment: number) => chosen.filter(({ shard }) => held(shard).includes(segment)).length;
        const holds = (chosen: typeof all) =>
          Array.from({ length: MOST }, (_, i) => i).every((segment) => times(chosen, segment) >= replicas);
        expect(
          shardsCoverAll(
            all.map(({ shard }) => shard),
            replicas,
          ),
        ).toBe(holds(all));
        if (!holds(all)) {
          expect(codeOf(() => selectNodes(all, replicas))).toBe('NOT_FOUND');
          return;
        }
        const chosen = selectNodes(all, replicas);
        expect(holds(chosen)).toBe(true);
        for (const node of chosen) expect(holds(chosen.filter((other) => other !== node))).toBe(false);
      }),
      { numRuns: process.env.PERIGEE_LONG === '1' ? 20_000 : 500 },
    );
  });

  it('takes those that come first', () => {
    const all = [0, 1, 0, 1].map((shardId, id) => ({ id, shard: { shardId, numShard: 2 } }));
    expect(selectNodes(all, 1).map(({ id }) => id)).toEqual([0, 1]);
    expect(codeOf(() => selectNodes(all, 0))).toBe('INVALID_ARGUMENT');
    expect(codeOf(() => selectNodes(all, 3))).toBe('NOT_FOUND');
  });
});
