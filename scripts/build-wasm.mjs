// Builds the kernels: C in rust-free-wasm/, .wasm in packages/wasm-codec/wasm/. With --check nothing is written: the bytes of a fresh
// build are compared with the committed ones. The compiler is npm @yowasp/clang, pinned by rust-free-wasm/package-lock.json.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const sources = join(root, 'rust-free-wasm');
const target = join(root, 'packages', 'wasm-codec', 'wasm');
const compiler = join(sources, 'node_modules', '@yowasp', 'clang');

const FLAGS = [
  '--target=wasm32',
  '-std=c23',
  '-O3',
  '-nostdlib',
  '-ffreestanding',
  '-I.',
  '-fno-strict-aliasing',
  '-Wall',
  '-Wextra',
  '-Werror',
  '-mbulk-memory',
  '-Wl,--no-entry',
  '-Wl,--import-memory',
  '-Wl,--max-memory=1073741824',
  '-Wl,-z,stack-size=65536',
  '-Wl,--stack-first',
  '-Wl,--export=__heap_base',
  '-Wl,--export=__stack_pointer',
  '-Wl,--strip-all',
];
const SIMD = ['-msimd128'];
/** The .wasm by name: folders of its sources, and what it is compiled with besides. */
const KERNELS = {
  'codec.scalar.wasm': { folders: ['codec', 'hash'], flags: [] },
  'codec.simd.wasm': { folders: ['codec', 'hash'], flags: SIMD },
  'codec.relaxed.wasm': { folders: ['codec', 'hash'], flags: [...SIMD, '-mrelaxed-simd'] },
  'model.simd.wasm': { folders: ['model'], flags: SIMD },
  'train.simd.wasm': { folders: ['train'], flags: SIMD },
};

function installCompiler() {
  const manifest = join(compiler, 'package.json');
  const wanted = JSON.parse(readFileSync(join(sources, 'package.json'), 'utf8')).dependencies['@yowasp/clang'];
  if (existsSync(manifest) && JSON.parse(readFileSync(manifest, 'utf8')).version === wanted) return;
  console.log('installing the C compiler (npm ci in rust-free-wasm, 101 MB)');
  execFileSync(
    'npm',
    ['ci', '--no-audit', '--no-fund', '--prefer-offline', '--fetch-retries=1', '--fetch-retry-mintimeout=1000'],
    {
      cwd: sources,
      stdio: ['ignore', 'ignore', 'pipe'],
      shell: process.platform === 'win32',
    },
  );
}

function readSources(folders) {
  const files = {};
  for (const folder of folders) {
    files[folder] = {};
    for (const name of readdirSync(join(sources, folder)).sort()) {
      if (/\.[ch]$/.test(name)) files[folder][name] = readFileSync(join(sources, folder, name), 'utf8').replaceAll('\r\n', '\n');
    }
  }
  return files;
}

async function compile(flags, files) {
  const { runClang } = await import(pathToFileURL(join(compiler, 'gen', 'bundle.js')).href);
  await runClang(null, {}, { fetchProgress: () => {} }); // loads the compiler; without this it prints its progress
  const units = Object.entries(files).flatMap(([folder, names]) =>
    Object.keys(names)
      .filter((name) => name.endsWith('.c'))
      .map((name) => `${folder}/${name}`),
  );
  try {
    const out = await runClang(['clang', ...FLAGS, ...flags, ...units, '-o', 'out.wasm'], structuredClone(files));
    return out['out.wasm'];
  } catch (error) {
    throw new Error(`clang: ${error.message}; what it said is above`); // its own error carries every source
  }
}

const check = process.argv.includes('--check');
try {
  installCompiler();
} catch (error) {
  const lines = String(error.stderr ?? error.message).split('\n');
  const reason = lines.find((line) => /npm (error|ERR!)/.test(line)) ?? error.message;
  if (!check) throw error;
  console.log(`skipped: the C compiler cannot be installed (${reason})`);
  process.exit(0);
}

const manifest = {};
let wrong = 0;
if (!check) mkdirSync(target, { recursive: true });
for (const [name, { folders, flags }] of Object.entries(KERNELS)) {
  const bytes = await compile(flags, readSources(folders));
  manifest[name] = createHash('sha256').update(bytes).digest('hex');
  const path = join(target, name);
  if (!check) {
    writeFileSync(path, bytes);
    console.log(`${name}: ${bytes.length} bytes, sha256 ${manifest[name]}`);
  } else {
    const same = existsSync(path) && Buffer.compare(readFileSync(path), bytes) === 0;
    console.log(
      `${name}: ${same ? 'the committed bytes' : 'DIFFERS from the committed bytes; run npm run build:wasm and commit the result'}`,
    );
    if (!same) wrong++;
  }
}
const text = `${JSON.stringify(manifest, null, 2)}\n`;
const manifestPath = join(target, 'manifest.json');
if (!check) writeFileSync(manifestPath, text);
else if (!existsSync(manifestPath) || readFileSync(manifestPath, 'utf8') !== text) {
  console.log('manifest.json: DIFFERS from the build');
  wrong++;
}
process.exitCode = wrong === 0 ? 0 : 1;
