import { startLightRun, startNetwork } from '../tests/kit/index.ts';
import { report } from './figure.ts';

// `perigee light` as a process of its own, on a devnet of four nodes that publishes a blob every five seconds. The hour that the issue names is run by
// `npm run test:long` (apps/node/test/light-budgets.test.ts); by the end of these minutes it has what it keeps in memory.
const LIGHT_MS = 180_000;
const LIGHT_LOOK_MS = 1_000;

const network = await startNetwork({ publishEvery: 5 });
try {
  const run = await startLightRun(network.chain, ['--max-cpu-percent', '25']);
  const samples = await run.samples(LIGHT_MS, LIGHT_LOOK_MS);
  await run.process.stop();
  const rss = samples.map(({ rssMb }) => rssMb).filter((mb) => mb !== undefined);
  if (rss.length > 0) report('product.light_rss_mb', 'MB', rss, { budget: 150 });
  else console.log('skipped: this system does not tell how much memory a process has');
} finally {
  await network.stop();
}
