// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the strings are source text
import { describe, expect, test } from 'vitest';
import { breaches, unranked } from '../../scripts/walls/rules.mjs';
import { codeOf, importsOf } from '../../scripts/walls/scan.mjs';

const packageOf = (name: string, more: object = {}) => ({
  folder: `${['node', 'pwa'].includes(name) ? 'apps' : 'packages'}/${name}`,
  manifest: { name: `@perigee/${name}`, exports: { '.': './src/index.ts' }, ...more },
});
const all = {
  '@perigee/wire': '1',
  '@perigee/light-core': '1',
  '@perigee/net': '1',
  '@perigee/workers': '1',
  '@perigee/sampler': '1',
  '@perigee/da': '1',
};
const packages = [
  packageOf('wire', { dependencies: { '@noble/hashes': '1', '@perigee/light-core': '1' } }),
  packageOf('wasm-codec', { exports: { '.': './src/index.ts', './wasm/*': './wasm/*' } }),
  packageOf('light-core', { exports: { './comet': './src/comet/index.ts' }, dependencies: { '@perigee/wire': '1' } }),
  packageOf('net', { dependencies: all }),
  packageOf('workers', { dependencies: all, imports: { '#host': {} } }),
  packageOf('da', { dependencies: { ...all, '@perigee/wasm-codec': '1' } }),
  packageOf('sampler', { dependencies: all }),
  packageOf('pwa', { dependencies: all }),
];

function breach(path: string, text: string, others: string[] = []): string[] {
  const sources = [{ path, text }, ...others.map((other) => ({ path: other, text: '' }))];
  return breaches(packages, sources).map((line) => line.slice(line.indexOf(' ') + 1));
}

describe('allowed', () => {
  test.each([
    ['packages/wire/src/a.ts', "import { sha256 } from '@noble/hashes/sha2.js'; import { b } from './b.ts';"],
    ['packages/net/src/a.ts', "import { readFileSync } from 'node:fs'; import { a } from '@perigee/light-core/comet';"],
    ['packages/workers/src/a.ts', "import { currentHost } from '#host'; setTimeout(() => Date.now());"],
    ['packages/da/src/a.ts', "import url from '@perigee/wasm-codec/wasm/codec.simd.wasm?url'; const b = import('@perigee/net');"],
    [
      'packages/light-core/src/da/a.ts',
      "import type { B } from '../comet/index.ts'; const c = clock.performance + x.crypto + new Date(5);",
    ],
    [
      'packages/light-core/src/da/a.ts',
      "// Date.now() and fetch\nconst words = 'process.exit' + `Buffer ${1 + 1} window`; /* import 'node:fs' */ const o = { crypto: 1, document: 2 };",
    ],
    [
      'packages/light-core/src/da/a.ts',
      'const text = "import \'node:fs\'"; const re = /fetch\\/["\']/; const half = (1 + 2) / 3;',
    ],
    ['packages/da/src/jobs/a.job.ts', "import { b } from '../codec/b.ts';"],
  ])('%s: %s', (path, text) => {
    expect(breach(path, text, ['packages/light-core/src/comet/index.ts', 'packages/da/src/codec/index.ts'])).toEqual([]);
  });
});

describe('refused', () => {
  test.each([
    ['packages/wire/src/a.ts', "import '@perigee/light-core/comet';", 'imports go down only'],
    ['packages/net/src/a.ts', "export { createPool } from '@perigee/workers';", 'imports go down only'],
    ['packages/da/src/a.ts', "const x = await import('@perigee/sampler');", 'imports go down only'],
    ['packages/da/src/a.ts', "import type {\n  A,\n  B,\n} from '@perigee/sampler';", 'imports go down only'],
    ['packages/sampler/src/a.ts', "import { x } from '../../da/src/x.ts';", 'leaves @perigee/sampler'],
    ['packages/sampler/src/a.ts', "new Worker(new URL('../../da/src/x.ts', import.meta.url))", 'leaves @perigee/sampler'],
    ['packages/sampler/src/a.ts', "import { x } from '@perigee/light-core/secret';", 'is not exported'],
    ['packages/sampler/src/a.ts', "import { x } from '@perigee/light-core';", 'is not exported'],
    ['packages/sampler/src/a.ts', "import { x } from 'left-pad';", 'is not a dependency'],
    ['packages/sampler/src/a.ts', "import { x } from '#host';", 'not among the imports'],
    ['packages/sampler/src/a.ts', "import { x } from './b';", 'has no extension'],
    ['packages/sampler/src/a.ts', "import { x } from 'fs';", 'write "node:fs"'],
    ['packages/light-core/src/da/a.ts', "import { createHash } from 'node:crypto';", 'is pure'],
    ['packages/light-core/src/da/a.ts', "import { x } from '../comet/verify.ts';", 'goes around'],
    ['packages/light-core/src/da/a.ts', 'const now = new Date();', '"new Date()" must be passed in'],
    ['packages/light-core/src/da/a.ts', 'const now = Date.now();', '"Date.now" must be passed in'],
    ['packages/light-core/src/da/a.ts', 'const now = `${performance.now()}`;', '"performance" must be passed in'],
    ['packages/wire/src/a.ts', 'crypto.getRandomValues(bytes);', '"crypto" must be passed in'],
    ['packages/wire/src/a.ts', 'const a = cond ? fetch : 0;', '"fetch" must be passed in'],
    ['apps/pwa/src/main.tsx', "import { readFileSync } from 'node:fs';", 'does not exist in a browser'],
    ['packages/net/src/a.ts', 'const r = Math.random();', 'can be guessed'],
    ['packages/sampler/src/a.ts', 'const s = AbortSignal.any([a, AbortSignal.timeout(5)]);', 'never fires'],
    ['tools/a.ts', '', 'lies in no package'],
  ])('%s: %s', (path, text, why) => {
    const found = breach(path, text, ['packages/light-core/src/comet/index.ts']);
    expect(found).toHaveLength(1);
    expect(found[0]).toContain(why);
  });

  test('a package without a rank', () => {
    expect(unranked([...packages, packageOf('misc')])).toEqual([expect.stringContaining('@perigee/misc has no rank')]);
  });
});

test('lines are those of the source', () => {
  const text = "/* one\n two */\nimport a from './a.ts';\n\nconst s = `x\n${1}`;\nexport * from './b.ts';";
  expect(importsOf(text)).toEqual([
    { specifier: './a.ts', line: 3 },
    { specifier: './b.ts', line: 7 },
  ]);
  expect(codeOf(text)).toHaveLength(text.length);
});
