/** Run as a process of its own: a committee's only member, with a chain whose blocks come by themselves, until it is killed. */
import { writeSync } from 'node:fs';
import { nobleEd25519 } from '@perigee/light-core/signature';
import { createHost, systemClock } from '@perigee/net';
import { createCodecPool } from '../../src/codec/codec-pool.ts';
import { createDaNode, RowStore } from '../../src/node/index.ts';
import { Ledger, signerOf } from '../ledger.ts';

const BLOCK_MS = 100;

const [, , dir, height] = process.argv;
if (dir !== undefined && height !== undefined) {
  const say = (line: string): void => void writeSync(1, `${line}\n`);
  const ledger = new Ledger([1n], { epochBlocks: 1_000_000 });
  ledger.advance(Number(height));
  const onFault = (error: Error): void => say(`FAULT ${error.message}`);
  const store = await RowStore.open({ dir, budgetBytes: 2 ** 40, onFault });
  const host = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  const pool = createCodecPool(1);
  const parts = { clock: systemClock, verifyEd25519: nobleEd25519, onFault };
  await createDaNode({ host, state: ledger, signer: signerOf(0), store, pool, ...parts });
  setInterval(() => ledger.advance(), BLOCK_MS);
  say(`READY ${JSON.stringify({ peerId: host.peerId, multiaddrs: host.multiaddrs() })}`);
}
