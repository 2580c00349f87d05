import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { at, ROOT } from '../../scripts/lib/paths.mjs';

/** What no committed file may hold. Written so that this file does not hold it either. */
const REFUSED: readonly (readonly [name: string, pattern: RegExp])[] = [
  ['a private key', /-{5}BEGIN [A-Z ]*PRIVATE KEY/],
  ['an access token', /\b(?:npm_\w{36}|gh[pousr]_\w{36}|github_pat_\w{22}|AKIA[0-9A-Z]{16}|xox[abprs]-[\w-]{10})/],
  ['a path of one machine', /(?<![\w.@-])(?:\/root|\/work|\/home\/\w+|\/Users\/\w+)\/|[A-Z]:\\{1,2}Users\\/],
  ['a registry host', /registry\.(?:npmjs|yarnpkg|npmmirror)\.\w+|\/\/[\w.]+\/(?:npm|artifactory|nexus)\//],
];

describe('committed files', () => {
  test.for(REFUSED)('hold no trace of %s', ([, pattern], context) => {
    const files = committed();
    if (files === undefined) return context.skip('git is not installed, or this is no clone');
    expect(files.filter((file) => pattern.test(readFileSync(at(file), 'latin1')))).toEqual([]);
  });
});

test('the patterns find what they are for', () => {
  const samples = [
    `-----BEGIN EC ${'PRIVATE KEY-----'}`,
    `ghp_${'a'.repeat(36)}`,
    `"/ho${'me/ada/perigee"'}`,
    `https://registry.${'npmjs.org/a'}`,
  ];
  for (const [i, sample] of samples.entries()) expect(sample).toMatch(REFUSED[i]?.[1] ?? /$^/);
});

test('the manifest of the kernels has the hash of each', (context) => {
  const folder = at('packages/wasm-codec/wasm');
  if (!existsSync(`${folder}/manifest.json`)) context.skip('there is no kernel yet');
  const manifest = JSON.parse(readFileSync(`${folder}/manifest.json`, 'utf8')) as Record<string, string>;
  const files = readdirSync(folder).filter((name) => name.endsWith('.wasm'));
  const hashes = files.map((name) => [
    name,
    createHash('sha256')
      .update(readFileSync(`${folder}/${name}`))
      .digest('hex'),
  ]);
  expect(manifest).toEqual(Object.fromEntries(hashes));
});

/** A clone that another user owns is read too: git would refuse it otherwise. */
function committed(): string[] | undefined {
  const args = ['-c', 'safe.directory=*', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const { status, stdout } = spawnSync('git', args, { cwd: ROOT, encoding: 'utf8', maxBuffer: 1 << 26 });
  if (status !== 0) return undefined;
  return stdout.split('\0').filter((file) => file !== '' && !file.endsWith('.wasm') && existsSync(at(file)));
}
