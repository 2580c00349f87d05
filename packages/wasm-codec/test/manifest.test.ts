import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { BUILDS, wasmBytes } from './load.ts';

it('the manifest names the committed builds and their hashes', async () => {
  const manifest = JSON.parse(readFileSync(new URL('../wasm/manifest.json', import.meta.url), 'utf8')) as Record<string, string>;
  expect(Object.keys(manifest)).toEqual(BUILDS.map((build) => `codec.${build}.wasm`));
  for (const build of BUILDS) {
    expect(
      createHash('sha256')
        .update(await wasmBytes(build))
        .digest('hex'),
    ).toBe(manifest[`codec.${build}.wasm`]);
  }
});
