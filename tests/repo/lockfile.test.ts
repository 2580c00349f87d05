import { existsSync, lstatSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { at } from '../../scripts/lib/paths.mjs';

interface Locked {
  readonly version?: string;
  readonly resolved?: string;
  readonly os?: readonly string[];
  readonly cpu?: readonly string[];
  readonly libc?: readonly string[];
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const PLATFORMS = ['linux-x64', 'linux-arm64', 'darwin-arm64', 'win32-x64'];
const MAX_INSTALLED_BYTES = 600e6;

const text = readFileSync(at('package-lock.json'), 'utf8');
const packages = (JSON.parse(text) as { packages: Record<string, Locked> }).packages;
const named = (name: string): Locked | undefined => packages[`node_modules/${name}`];

/** Packages that come as one package for each platform, with these. */
const split = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) => {
  const parts = Object.keys(optionalDependencies);
  const platforms = parts.flatMap((part) => platformsOf(named(part)));
  return platforms.length > 1 ? [{ path, parts, platforms }] : [];
});

function platformsOf({ os = [], cpu = [], libc = ['glibc'] }: Locked = {}): string[] {
  return libc.includes('glibc') ? os.flatMap((system) => cpu.map((processor) => `${system}-${processor}`)) : [];
}

describe('the lockfile', () => {
  test('names no host', () => {
    expect(
      Object.entries(packages).filter(([, { resolved }]) => resolved !== undefined && /^(\w+:)?\/\//.test(resolved)),
    ).toEqual([]);
    expect(text).not.toMatch(/"(git|https?|ssh)(\+\w+)?:\/\/[^"]*\.(tgz|git)/);
  });

  test('knows packages that are split by platform', () => {
    expect(split.length).toBeGreaterThan(4);
  });

  test.each(split)('lists each platform of $path', ({ parts, platforms }) => {
    expect(platforms).toEqual(expect.arrayContaining(PLATFORMS));
    expect(parts.filter((part) => named(part) === undefined)).toEqual([]); // else npm ci stops
  });
});

test('an install takes at most 600 MB', (context) => {
  if (!existsSync(at('node_modules'))) context.skip('nothing is installed');
  expect(bytesUnder(at('node_modules'))).toBeLessThanOrEqual(MAX_INSTALLED_BYTES);
});

test('versions are exact', () => {
  const manifests = Object.keys(packages).filter((path) => !path.includes('node_modules/'));
  const ranges = manifests.flatMap((path) => {
    const manifest = JSON.parse(readFileSync(at(`${path === '' ? '' : `${path}/`}package.json`), 'utf8')) as Record<
      string,
      Record<string, string>
    >;
    return ['dependencies', 'devDependencies', 'optionalDependencies'].flatMap((kind) =>
      Object.entries(manifest[kind] ?? {}).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version)),
    );
  });
  expect(ranges).toEqual([]);
});

function bytesUnder(folder: string): number {
  let bytes = 0;
  for (const entry of readdirSync(folder, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    bytes += entry.isDirectory() ? bytesUnder(path) : lstatSync(path).size;
  }
  return bytes;
}
