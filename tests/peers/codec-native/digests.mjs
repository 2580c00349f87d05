// Writes tests/vectors/codec-native.json: what two native codecs make of 200 random shapes each. Needs cargo and go; the test that reads
// the file needs neither. Run: node tests/peers/codec-native/digests.mjs
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { shapesOf } from './shapes.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));
const PEERS = [
  {
    name: 'reed-solomon-simd',
    version: readFileSync(at('rust/Cargo.toml'), 'utf8').match(/reed-solomon-simd = "=(.+)"/)[1],
    seed: 1,
    layouts: ['high', 'low'],
    command: ['cargo', ['run', '--release', '--locked', '--quiet'], at('rust')],
  },
  {
    name: 'klauspost/reedsolomon WithLeopardGF16',
    version: readFileSync(at('go/go.mod'), 'utf8').match(/reedsolomon (v.+)/)[1],
    seed: 2,
    layouts: ['high'],
    command: ['go', ['run', '.'], at('go')],
  },
];
const COUNT = 200;

const peers = PEERS.map(({ name, version, seed, layouts, command: [program, args, cwd] }) => {
  const lines = shapesOf(seed, COUNT, layouts).map((shape) =>
    [shape.k, shape.n, shape.rowSize, shape.layout, shape.seed].join(' '),
  );
  const said = execFileSync(program, args, {
    cwd,
    input: `${lines.join('\n')}\n`,
    encoding: 'utf8',
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const digests = said.trim().split('\n');
  if (digests.length !== COUNT) throw new Error(`${name} gave ${digests.length} digests of ${COUNT}`);
  return { name, version, seed, layouts, digests };
});
writeFileSync(at('../../vectors/codec-native.json'), `${JSON.stringify({ version: 1, peers }, null, 2)}\n`);
