// @ts-check
import { builtinModules } from 'node:module';
import { dirname, posix } from 'node:path';
import { globalsIn, importsOf } from './scan.mjs';

/** Imports go down only; packages of one rank do not know each other. */
const RANKS = [
  ['wire'],
  ['wasm-codec'],
  ['light-core'],
  ['net', 'workers', 'disk'],
  ['sampler', 'chain', 'da', 'storage', 'compute'],
  ['node', 'pwa', 'extension'],
];

/** Packages that get clock, randomness and stores passed in, so that they run anywhere and a test decides all they see. */
const PURE = new Set(['wire', 'wasm-codec', 'light-core']);

/** Where signals are put together. */
const SIGNALS = 'packages/net/src/abort.ts';

// biome-ignore format: a list of names
const AMBIENT = [
  'window', 'document', 'navigator', 'location', 'localStorage', 'sessionStorage', 'indexedDB', 'caches', 'fetch',
  'WebSocket', 'EventSource', 'XMLHttpRequest', 'Worker', 'SharedWorker', 'postMessage', 'importScripts', 'BroadcastChannel', 'MessageChannel',
  'process', 'Buffer', 'global', 'require', '__dirname', '__filename', 'console', 'crypto', 'performance', 'queueMicrotask',
  'setTimeout', 'setInterval', 'setImmediate', 'requestAnimationFrame', 'Date.now', 'new Date()', 'AbortSignal.timeout', 'globalThis', 'import.meta',
];

/**
 * What the checks need to know of a package.
 *
 * @typedef {object} Package
 * @property {string} folder below the clone, such as `packages/wire`
 * @property {{ name: string, exports?: Record<string, unknown>, imports?: Record<string, unknown>, dependencies?: Record<string, string>, optionalDependencies?: Record<string, string> }} manifest
 */

/**
 * @typedef {object} Source
 * @property {string} path below the clone
 * @property {string} text
 */

/**
 * Every breach of the walls between packages, as `path:line: sentence`.
 *
 * @param {readonly Package[]} packages
 * @param {readonly Source[]} sources files below `<package>/src`
 * @returns {string[]}
 */
export function breaches(packages, sources) {
  const paths = new Set(sources.map(({ path }) => path));
  return sources.flatMap((source) => {
    const home = packages.find(({ folder }) => source.path.startsWith(`${folder}/`));
    if (home === undefined) return [`${source.path}:1: lies in no package`];
    const found = [
      ...importsOf(source.text).map(({ specifier, line }) => ({
        line,
        why: refuseImport(specifier, source.path, home, packages, paths),
      })),
      ...globalsIn(source.text, ['Math.random']).map(({ line }) => ({
        line,
        why: 'Math.random can be guessed: use a CSPRNG that is passed in',
      })),
      ...(source.path === SIGNALS ? [] : globalsIn(source.text, ['AbortSignal.any'])).map(({ line }) => ({
        line,
        why: 'a time limit within AbortSignal.any can be collected, and never fires: use limitedSignal or eitherSignal of @perigee/net/abort',
      })),
      ...(PURE.has(shortName(home)) ? globalsIn(source.text, AMBIENT) : []).map(({ name, line }) => ({
        line,
        why: `${home.manifest.name} is pure, so "${name}" must be passed in`,
      })),
    ];
    return found.flatMap(({ line, why }) => (why === undefined ? [] : [`${source.path}:${line}: ${why}`]));
  });
}

/**
 * @param {string} specifier
 * @param {string} path
 * @param {Package} home
 * @param {readonly Package[]} packages
 * @param {ReadonlySet<string>} paths
 * @returns {string | undefined}
 */
function refuseImport(specifier, path, home, packages, paths) {
  if (specifier.startsWith('.')) return refuseRelative(specifier, path, home, paths);
  if (specifier.startsWith('#')) {
    return specifier in (home.manifest.imports ?? {})
      ? undefined
      : `"${specifier}" is not among the imports of ${home.manifest.name}`;
  }
  if (specifier.startsWith('node:')) return refuseBuiltin(specifier, home);
  if (builtinModules.includes(specifier)) return `write "node:${specifier}"`;
  if (specifier.startsWith('virtual:')) return undefined;
  const name = specifier.split('/', specifier.startsWith('@') ? 2 : 1).join('/');
  if (!(name in { ...home.manifest.dependencies, ...home.manifest.optionalDependencies }))
    return `"${name}" is not a dependency of ${home.manifest.name}`;
  if (!name.startsWith('@perigee/')) return undefined;
  const other = packages.find(({ manifest }) => manifest.name === name);
  if (other === undefined) return `there is no package "${name}"`;
  if (!(rank(other) < rank(home))) return `${home.manifest.name} must not import ${name}: imports go down only`;
  return exported(other, specifier.slice(name.length)) ? undefined : `"${specifier}" is not exported by ${name}`;
}

/** @param {string} specifier @param {string} path @param {Package} home @param {ReadonlySet<string>} paths */
function refuseRelative(specifier, path, home, paths) {
  const target = posix.normalize(posix.join(posix.dirname(path), specifier.replace(/\?.*$/, '')));
  if (!target.startsWith(`${home.folder}/`))
    return `"${specifier}" leaves ${home.manifest.name}: import the other package by name`;
  if (!/\.\w+$/.test(target)) return `"${specifier}" has no extension`;
  const folder = dirname(target);
  const isAbove = path.startsWith(`${folder}/`);
  // a job is bundled apart: through an index it would take along what only the page runs
  const isJob = path.includes('/jobs/') || target.includes('/jobs/');
  const index = `${folder}/index.ts`;
  if (!isAbove && target !== index && paths.has(index) && !isJob) return `"${specifier}" goes around ${index}`;
  return undefined;
}

/** @param {string} specifier @param {Package} home */
function refuseBuiltin(specifier, home) {
  const name = shortName(home);
  if (PURE.has(name)) return `${home.manifest.name} is pure, so it must not import "${specifier}"`;
  if (name === 'pwa' || name === 'extension') return `"${specifier}" does not exist in a browser`;
  return undefined;
}

/** @param {Package} home */
function shortName(home) {
  return home.manifest.name.replace('@perigee/', '');
}

/** @param {Package} home */
function rank(home) {
  return RANKS.findIndex((names) => names.includes(shortName(home)));
}

/** @param {Package} other @param {string} subpath with its slash, or empty */
function exported(other, subpath) {
  return Object.keys(other.manifest.exports ?? {}).some((key) => {
    const [before = '', after] = `.${key.slice(1)}`.split('*');
    const wanted = `.${subpath}`;
    return after === undefined ? wanted === before : wanted.startsWith(before) && wanted.endsWith(after);
  });
}

/** Packages that have no rank: a new package must be given its place here. @param {readonly Package[]} packages */
export function unranked(packages) {
  return packages
    .filter((one) => rank(one) < 0)
    .map((one) => `${one.folder}/package.json:1: ${one.manifest.name} has no rank in scripts/walls/rules.mjs`);
}
