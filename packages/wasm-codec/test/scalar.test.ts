import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { BUILDS } from './load.ts';

/** V8 refuses every SIMD instruction when told that the processor has no SSE 4.1. */
const NO_SIMD = '--no-enable-sse4-1';

// A process of its own, because the flag is read once; plain JavaScript, because Node 20 reads no TypeScript.
const SCRIPT = `
  const { readFileSync } = require('node:fs');
  const accepted = process.argv.slice(1).filter((path) => WebAssembly.validate(readFileSync(path)));
  for (const path of accepted) new WebAssembly.Module(readFileSync(path));
  console.log(JSON.stringify(accepted));
`;

describe.skipIf(process.arch !== 'x64')('the scalar build (x64: the flag is of that processor)', () => {
  it('is the only one that an engine without SIMD accepts', () => {
    const paths = BUILDS.map((build) => fileURLToPath(new URL(`../wasm/codec.${build}.wasm`, import.meta.url)));
    const { stdout, stderr, status } = spawnSync(process.execPath, [NO_SIMD, '-e', SCRIPT, ...paths], { encoding: 'utf8' });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(JSON.parse(stdout)).toEqual([paths[BUILDS.indexOf('scalar')]]);
  });
});
