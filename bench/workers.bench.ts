import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import { createPool } from '../packages/workers/src/index.ts';
import { nodeWorker } from '../packages/workers/src/node.ts';
import { report } from './figure.ts';
import type { EchoJobs } from './jobs/echo.job.ts';

// One job at a time to a pool and back, against the same by bare postMessage: what the pool costs a row that is verified alone.
const ROUNDS = 20;
const TRIPS = 500;

const pool = createPool<EchoJobs>({ spawn: () => nodeWorker(new URL('./jobs/echo.job.js', import.meta.url)), size: 1 });
const bare = new Worker("const { parentPort: p } = require('node:worker_threads'); p.on('message', (m) => p.postMessage(m));", {
  eval: true,
});

const byPool = () => pool.run('echo', 1);
const byHand = async () => {
  bare.postMessage(1);
  await once(bare, 'message');
};

/** Microseconds of one trip, averaged over a round. */
async function round(trip: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < TRIPS; i++) await trip();
  return ((performance.now() - start) * 1000) / TRIPS;
}

const ours: number[] = [];
const theirs: number[] = [];
for (const trip of [byPool, byHand]) await round(trip); // warm
for (let i = 0; i < ROUNDS; i++) {
  ours.push(await round(byPool));
  theirs.push(await round(byHand));
}
report('workers.roundtrip_us', 'µs', ours, { peer: { name: 'bare postMessage', samples: theirs } });
await pool.close();
await bare.terminate();
