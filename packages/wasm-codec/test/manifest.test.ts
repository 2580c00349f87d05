import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUILDS } from './load.ts';

it('the manifest names the committed builds and their hashes', () => {
  const file = (name: string) => readFileSync(new URL(`../wasm/${name}`, import.meta.url));
  const manifest = JSON.parse(file('manifest.json').toString()) as Record<string, string>;
  const names = [...BUILDS.map((build) => `codec.${build}.wasm`), 'model.simd.wasm', 'train.simd.wasm'];
  expect(Object.keys(manifest)).toEqual(names);
  for (const name of names) expect(createHash('sha256').update(file(name)).digest('hex')).toBe(manifest[name]);
});
