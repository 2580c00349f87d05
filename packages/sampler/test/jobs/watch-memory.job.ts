/** Run as a process of its own: a light node that watches a stream, and says what it was told and how much memory it has, each time the key `report` changes. */
import { createHash } from 'node:crypto';
import { readFileSync, writeSync } from 'node:fs';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { fromHex, fromUtf8 } from '@perigee/wire';
import { createLightNode } from '../../src/index.ts';

const KIB = 1024;

const [, , trustRoot, stream] = process.argv;
if (trustRoot !== undefined && stream !== undefined) {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const node = createLightNode({ trustRoot: readFileSync(trustRoot, 'utf8'), follow: false, workers: 1 });
  await node.start();
  const values = new Map<string, string>();
  let told = 0;
  const report = (): object => {
    for (let i = 0; i < 3; i++) collectGarbage();
    const { heapUsed, external, rss } = process.memoryUsage();
    const lines = [...values].map(([key, value]) => `${key}=${value}`).sort();
    const digest = createHash('sha256').update(lines.join('\n')).digest('hex');
    return { told, keys: values.size, digest, heapKib: Math.round((heapUsed + external) / KIB), rssKib: Math.round(rss / KIB) };
  };
  const watched = node.kv(fromHex(stream));
  const { height: since } = await watched.range();
  watched.watch(
    { prefix: new Uint8Array(0) },
    ({ key, value }) => {
      const name = fromUtf8(key);
      if (name === 'report' && value !== undefined) writeSync(1, `REPORT ${fromUtf8(value)} ${JSON.stringify(report())}\n`);
      if (name === 'report') return;
      told += 1;
      if (value === undefined) values.delete(name);
      else values.set(name, fromUtf8(value));
    },
    { since },
  );
  process.once('SIGTERM', () => void node.stop().then(() => process.exit(0)));
  writeSync(1, 'READY {}\n');
}
