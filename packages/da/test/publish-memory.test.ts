import { randomBytes } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { createHost, systemClock } from '@perigee/net';
import { MAX_BLOB_BYTES, toHex } from '@perigee/wire';
import { expect, it } from 'vitest';
import { startProcess, temporaryFolder } from '../../../tests/kit/index.ts';
import { createCodecPool } from '../src/codec/codec-pool.ts';
import { createDaNode, RowStore } from '../src/node/index.ts';
import { Ledger, signerOf } from './ledger.ts';

const job = fileURLToPath(new URL('../../../dist/test/jobs/publish-memory.job.js', import.meta.url));
/** The rows of the longest blob at 4×, MiB. */
const ROWS_MIB = 128;

it.runIf(process.env.PERIGEE_LONG === '1')('the longest blob is published in 1.3 times the memory of its rows', async () => {
  const dir = temporaryFolder('memory');
  const ledger = new Ledger([1n, 1n, 1n, 1n]);
  ledger.advance(5);
  const pool = createCodecPool(1);
  const peers: Record<string, { peerId: string; multiaddrs: string[] }> = {};
  const stops: (() => Promise<void>)[] = [];
  for (let i = 0; i < 4; i++) {
    const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
    const store = await RowStore.open({ dir: join(dir, `${i}`), budgetBytes: 2 ** 30 });
    const parts = { host, state: ledger, signer: signerOf(i), store, pool, clock: systemClock, verifyEd25519: nobleEd25519 };
    const node = await createDaNode(parts);
    peers[toHex(node.address)] = { peerId: host.peerId, multiaddrs: host.multiaddrs() };
    stops.push(async () => {
      await node.stop();
      await host.stop();
      await store.close();
    });
  }
  const file = join(dir, 'file');
  writeFileSync(file, randomBytes(MAX_BLOB_BYTES));
  const child = startProcess(job, [file, JSON.stringify(peers)]);
  const memory = await child.ready();
  console.log(`memory of a publisher of ${MAX_BLOB_BYTES} bytes at 4×: ${JSON.stringify(memory)}`);
  expect((await child.exit).code).toBe(0);
  for (const stop of stops) await stop();
  await pool.close();
  expect(memory.k).toBe(4_096);
  expect(Number(memory.donePeakMiB) - Number(memory.beforeMiB)).toBeLessThanOrEqual(1.3 * ROWS_MIB);
});
