/** Run as a process of its own: makes blocks until it is killed, and says on standard output which are there. */
import { writeSync } from 'node:fs';
import { systemClock } from '@perigee/net';
import { toHex } from '@perigee/wire';
import { genesisOf, openChain, transferTx } from '../devnet.ts';

const [, , dir, firstNonce] = process.argv;
if (dir !== undefined && firstNonce !== undefined) {
  const genesis = genesisOf();
  const chain = await openChain(dir, genesis, { clock: systemClock, blockIntervalMs: 1 });
  chain.onBlock(({ height, headerHash, results }) => {
    writeSync(1, `${height} ${toHex(headerHash)} ${results.map(({ txId }) => toHex(txId)).join(',')}\n`);
  });
  void chain.run();
  // one at a time: each is answered before the next is sent
  for (let nonce = Number(firstNonce); ; nonce++) {
    await chain.submit(await transferTx(genesis, { nonce, expiryHeight: 10_000 }));
  }
}
