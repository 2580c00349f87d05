/** Run as a process of its own: publishes one file to members elsewhere, and says how much memory that took. */
import { writeSync } from 'node:fs';
import { open, stat } from 'node:fs/promises';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { createHost, cryptoRandomBytes, type KnownPeer, systemClock } from '@perigee/net';
import { toHex, utf8 } from '@perigee/wire';
import { peakOf } from '../../../../tests/kit/memory.ts';
import { createCodecPool, createPublisher, type DataSource } from '../../src/index.ts';
import { Ledger, signerOf } from '../ledger.ts';

const MIB = 1 << 20;

const [, , path, members] = process.argv;
if (path !== undefined && members !== undefined) {
  const peers = new Map(Object.entries(JSON.parse(members) as Record<string, KnownPeer>));
  const ledger = new Ledger([1n, 1n, 1n, 1n]);
  ledger.advance(5);
  const host = await createHost({ allowPrivate: true });
  const pool = createCodecPool(2);
  const publisher = createPublisher({
    host,
    state: ledger,
    tx: ledger,
    signer: signerOf(100),
    pool,
    clock: systemClock,
    random: cryptoRandomBytes,
    verifyEd25519: nobleEd25519,
    peerOf: (address) => peers.get(toHex(address)),
  });
  const { size } = await stat(path);
  const file = await open(path);
  const data: DataSource = {
    length: size,
    read: async (into) => {
      for (let at = 0; at < size; ) at += (await file.read(into, at, Math.min(MIB, size - at), at)).bytesRead;
    },
  };
  const peaks: Record<string, number> = {};
  const peak = (what: string): void => {
    peaks[`${what}PeakMiB`] = peakOf(process.pid) ?? Math.round(process.resourceUsage().maxRSS / 1024);
    peaks[`${what}MiB`] = Math.round(process.memoryUsage().rss / MIB);
  };
  peak('before');
  const { record } = await publisher.publish({
    data,
    namespace: utf8('memory'),
    retentionBlocks: 100,
    onProgress: ({ stage }) => peak(stage),
  });
  await host.stop();
  await pool.close();
  await file.close();
  writeSync(1, `READY ${JSON.stringify({ ...peaks, k: record.k })}\n`);
}
