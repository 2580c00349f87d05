import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Contestant } from './contest.ts';
import { dataBytes, milliseconds, type RowShape, randomBytes } from './shapes.ts';

/** Programs of npm that `npm ci` in tests/peers/erasure installs; what is missing is skipped by name. */
export interface NpmPeers {
  /** Those that can encode such a shape. */
  encoders(shape: RowShape): Contestant[];
  /** Others at hashing 32 MiB and at verifying one cell of 2 KiB. */
  readonly sha256: Contestant | undefined;
  readonly kzg: Contestant | undefined;
}

const FOLDER = `${process.cwd()}/tests/peers/erasure/package.json`;
const HASHED_BYTES = 1 << 25;
/** A sum over GF(2^8) has room for so many rows. */
const MAX_GF8_ROWS = 256;

export async function npmPeers(): Promise<NpmPeers> {
  const installed = createRequire(FOLDER);
  const load = async <T>(name: string, make: () => Promise<T>): Promise<T | undefined> => {
    try {
      return await make();
    } catch (error) {
      console.log(`skipped: ${name} (npm ci in tests/peers/erasure): ${(error as Error).message.split('\n')[0]}`);
      return undefined;
    }
  };
  const typeberry = await load('@typeberry/native', async () => {
    const { reedSolomon, init } = await import(
      pathToFileURL(join(dirname(FOLDER), 'node_modules/@typeberry/native/index.js')).href
    );
    await init.reedSolomon();
    return reedSolomon as Typeberry;
  });
  const matrix = await load('@digitaldefiance/reed-solomon-erasure.wasm', async () => {
    const { ReedSolomonErasure } = installed('@digitaldefiance/reed-solomon-erasure.wasm');
    return (await ReedSolomonErasure.fromCurrentDirectory()) as Matrix;
  });
  const ronomon = await load('@ronomon/reed-solomon', async () => installed('@ronomon/reed-solomon') as Ronomon);
  return {
    encoders(shape) {
      const found: Contestant[] = [];
      if (typeberry !== undefined) found.push(byTypeberry(typeberry, shape));
      if (matrix !== undefined && shape.k + shape.n <= MAX_GF8_ROWS) found.push(byMatrix(matrix, shape));
      if (ronomon !== undefined && shape.k <= ronomon.MAX_K && shape.n <= ronomon.MAX_M) found.push(byRonomon(ronomon, shape));
      return found;
    },
    sha256: await load('hash-wasm', async () => {
      const hasher = await installed('hash-wasm').createSHA256();
      const data = randomBytes(HASHED_BYTES);
      return { name: 'hash-wasm 4.13', run: () => milliseconds(() => hasher.init().update(data).digest('binary')) };
    }),
    kzg: await load('kzg-wasm', async () => byKzg(await installed('kzg-wasm').loadKZG())),
  };
}

interface Typeberry {
  readonly ShardsCollection: new (length: number, data: Uint8Array) => { take_data(): Uint8Array };
  encode(parity: number, rows: InstanceType<Typeberry['ShardsCollection']>): InstanceType<Typeberry['ShardsCollection']>;
}

function byTypeberry({ ShardsCollection, encode }: Typeberry, shape: RowShape): Contestant {
  const rows = randomBytes(dataBytes(shape));
  return {
    name: '@typeberry/native 0.5.1',
    run: () => milliseconds(() => encode(shape.n, new ShardsCollection(shape.rowSize, rows)).take_data()),
  };
}

interface Matrix {
  encode(rows: Uint8Array, data: number, parity: number): number;
}

function byMatrix(matrix: Matrix, shape: RowShape): Contestant {
  const { k, n, rowSize } = shape;
  const rows = new Uint8Array((k + n) * rowSize);
  rows.set(randomBytes(dataBytes(shape)));
  return {
    name: '@digitaldefiance/reed-solomon-erasure.wasm 1.0.2',
    run: () =>
      milliseconds(() => {
        if (matrix.encode(rows, k, n) !== 0) throw new Error('it refused the rows');
      }),
  };
}

interface Ronomon {
  readonly MAX_K: number;
  readonly MAX_M: number;
  create(k: number, n: number): unknown;
  encode(...args: readonly unknown[]): void;
}

function byRonomon({ create, encode }: Ronomon, shape: RowShape): Contestant {
  const { k, n, rowSize } = shape;
  const context = create(k, n);
  const rows = Buffer.from(randomBytes(dataBytes(shape)).buffer);
  const parity = Buffer.alloc(n * rowSize);
  const [sources, targets] = [2 ** k - 1, 2 ** (k + n) - 2 ** k];
  return {
    name: '@ronomon/reed-solomon 6.0.0',
    run: () =>
      new Promise((resolve, reject) => {
        const start = performance.now();
        const done = (error?: Error) => (error ? reject(error) : resolve(performance.now() - start));
        encode(context, sources, targets, rows, 0, rows.length, parity, 0, parity.length, done);
      }),
  };
}

interface Kzg {
  blobToKZGCommitment(blob: string): string;
  computeCellsAndKZGProofs(blob: string): { cells: string[]; proofs: string[] };
  verifyCellKZGProofBatch(commitments: string[], indices: number[], cells: string[], proofs: string[], count: number): boolean;
}

/** One cell of 2 KiB, of a blob of 128 KiB. */
function byKzg(kzg: Kzg): Contestant {
  const bytes = Buffer.from(randomBytes(131_072));
  for (let at = 0; at < bytes.length; at += 32) bytes[at] = 0; // below the field's modulus
  const blob = `0x${bytes.toString('hex')}`;
  const commitment = kzg.blobToKZGCommitment(blob);
  const { cells, proofs } = kzg.computeCellsAndKZGProofs(blob);
  return {
    name: 'kzg-wasm 1.0.0, a cell of 2 KiB',
    run: () =>
      milliseconds(() => {
        const [cell = '', proof = ''] = [cells[3], proofs[3]];
        if (!kzg.verifyCellKZGProofBatch([commitment], [3], [cell], [proof], 1)) throw new Error('it refused the cell');
      }),
  };
}
