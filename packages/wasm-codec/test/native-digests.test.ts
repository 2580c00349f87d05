import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { originalOf, shapesOf } from '../../../tests/peers/codec-native/shapes.mjs';
import type { Layout } from '../src/index.ts';
import { BUILDS, loadCodec } from './load.ts';

interface Peer {
  readonly name: string;
  readonly version: string;
  readonly seed: number;
  readonly layouts: readonly Layout[];
  readonly digests: readonly string[];
}

const file = new URL('../../../tests/vectors/codec-native.json', import.meta.url);
const { peers } = JSON.parse(readFileSync(file, 'utf8')) as { readonly peers: readonly Peer[] };

for (const build of BUILDS) {
  const codec = await loadCodec(build);
  describe.skipIf(codec === undefined)(`parity as native codecs make it, ${build} build`, () => {
    for (const { name, version, seed, layouts, digests } of peers) {
      it(`${digests.length} random shapes of ${name} ${version}`, () => {
        if (codec === undefined) return;
        const wrong = shapesOf(seed, digests.length, layouts).filter((shape, i) => {
          const parity = codec.encode({ ...shape, original: originalOf(shape) });
          return createHash('sha256').update(parity).digest('hex') !== digests[i];
        });
        expect(digests).toHaveLength(200);
        expect(wrong).toEqual([]);
      });
    }
  });
}
