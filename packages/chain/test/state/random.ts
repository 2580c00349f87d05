/** Random writes that a test can name by a seed. */
import { hash, randomInt } from 'node:crypto';

export type Random = (below: number) => number;

/** `PERIGEE_SEED`, else a new one; the test prints it when it fails. */
export function newSeed(): number {
  return Number(process.env.PERIGEE_SEED ?? randomInt(2 ** 31));
}

export function randomFrom(seed: number): Random {
  let pool = Buffer.alloc(0);
  let counter = 0;
  return (below) => {
    if (pool.length < 4) pool = hash('sha256', `${seed}/${counter++}`, 'buffer');
    const word = pool.readUInt32LE(0);
    pool = pool.subarray(4);
    return word % below;
  };
}
