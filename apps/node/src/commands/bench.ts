import { cpus, release, totalmem } from 'node:os';
import { MAX_BLOB_BYTES, PerigeeError, REDUNDANCIES } from '@perigee/wire';
import { benchCodec } from '../bench/codec-bench.ts';
import { figureTable } from '../bench/figure.ts';
import { defineCommand } from '../cli/command.ts';
import { ownRepository } from '../repository.ts';
import { LIGHT_HOME } from '../trust.ts';

const DEFAULT_ROUNDS = 10;

export const bench = defineCommand({
  name: 'bench',
  usage: '',
  summary: 'measure encoding, committing, verifying and reconstructing on this machine',
  options: {
    bytes: {
      kind: 'integer',
      range: [1, MAX_BLOB_BYTES],
      help: `bytes of random data in a blob (default ${MAX_BLOB_BYTES}, the most)`,
    },
    redundancy: { kind: 'number', help: `rows in all over original rows: ${REDUNDANCIES.join(', ')} (default 4)` },
    rounds: { kind: 'integer', range: [1, 10_000], help: `samples of each figure (default ${DEFAULT_ROUNDS})` },
  },
  defaultHome: LIGHT_HOME,
  async run({ options }, { output, signal }) {
    const redundancy = REDUNDANCIES.find((known) => known === (options.redundancy ?? 4));
    if (redundancy === undefined) {
      const words = `--redundancy is ${options.redundancy}; it must be one of ${REDUNDANCIES.join(', ')}`;
      throw new PerigeeError('INVALID_ARGUMENT', words);
    }
    const figures = await benchCodec({
      bytes: options.bytes ?? MAX_BLOB_BYTES,
      redundancy,
      rounds: options.rounds ?? DEFAULT_ROUNDS,
      signal,
      onStep: (name) => output.update(`measuring: ${name}`, `measuring: ${name}`),
    });
    const machine = {
      cpu: cpus()[0]?.model ?? 'unknown',
      cores: cpus().length,
      memoryGib: Math.round(totalmem() / 2 ** 30),
      system: `${process.platform}-${process.arch} ${release()}`,
      node: process.versions.node,
    };
    output.result({ machine, commit: await commitOf(), figures }, [
      `${machine.cpu}, ${machine.cores} cores, Node ${machine.node}`,
      ...figureTable(figures),
    ]);
  },
});

/** What is checked out where the program lies; what it was built of may be older. */
async function commitOf(): Promise<string> {
  const repository = await ownRepository();
  if (repository === undefined) return 'unknown';
  const [head, changes] = await Promise.all([repository.git('rev-parse', 'HEAD'), repository.git('status', '--porcelain')]);
  return `${head.trim()}${changes.trim() === '' ? '' : '+changes'}`;
}
