import { hash } from 'node:crypto';
import { iavlInnerBytes, iavlLeafBytes } from '@perigee/light-core/state';
import { describe, expect, it } from 'vitest';
import { digestBytes, NodeRef, type TreeNode } from '../../src/state/node.ts';
import { maxNodeSize, putInnerPreimage, putLeafPreimage, putNode } from '../../src/state/node-bytes.ts';
import { NodeRecord, refRecordOf } from '../../src/state/records.ts';
import { newSeed, randomFrom } from './random.ts';

/** Numbers of every length that a varint can have here. */
const NUMBERS = [0, 1, 127, 128, 16_383, 16_384, 2 ** 28, 2 ** 31 - 1, 2 ** 31, 2 ** 32 + 5, 2 ** 46, 2 ** 48 - 1];

describe('bytes of nodes', () => {
  it('are those of their description, and of their hashes', () => {
    const seed = newSeed();
    const random = randomFrom(seed);
    const number = () => NUMBERS[random(NUMBERS.length)] ?? 0;
    const bytes = (length: number) => Uint8Array.from({ length }, () => random(256));
    const digest = () => hash('sha256', bytes(8), 'binary');
    const ref = () => new NodeRef(1 + number(), 32 + number(), random(97), 1 + number(), digest());
    const out = Buffer.alloc(400_000);
    for (let i = 0; i < 2_000; i++) {
      const [key, version] = [bytes(1 + random(300)), 1 + number()];
      const [left, right, height, size] = [ref(), ref(), 1 + random(96), 2 + number()];
      const leaf: TreeNode = { height: 0, size: 1, version, key, value: bytes(1 + random(300)) };
      const inner: TreeNode = { height, size, version, key, left, right };
      for (const [node, record] of [
        [leaf, { key, version, value: leaf.value }],
        [inner, { key, version, left: refRecordOf(left), right: refRecordOf(right) }],
      ] as const) {
        const end = putNode(out, 1, node);
        expect(Buffer.compare(out.subarray(1, end), NodeRecord.encode(record)), `seed ${seed}, node ${i}`).toBe(0);
        expect(maxNodeSize(node)).toBeGreaterThanOrEqual(end - 1);
      }
      const value = digest();
      const ofLeaf = out.subarray(0, putLeafPreimage(out, version, key, value));
      expect(Buffer.compare(ofLeaf, iavlLeafBytes(version, key, digestBytes(value))), `seed ${seed}, leaf ${i}`).toBe(0);
      const ofInner = out.subarray(0, putInnerPreimage(out, inner, left.hash, right.hash));
      const expected = iavlInnerBytes(height, size, version, digestBytes(left.hash), digestBytes(right.hash));
      expect(Buffer.compare(ofInner, expected), `seed ${seed}, branch ${i}`).toBe(0);
    }
  });
});
