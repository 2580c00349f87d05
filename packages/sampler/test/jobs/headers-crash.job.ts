/** Run as a process of its own: keeps headers until it is killed, and says on standard output which are kept. */
import { writeSync } from 'node:fs';
import { openHeaderStore } from '@perigee/light-core/comet/client';
import { openHeaderValues } from '#header-values';
import { CHAIN_ID } from '../../../light-core/test/comet/chain.ts';
import { keptBlock, MAX_HEADERS } from '../comet/crash-blocks.ts';

const [, , directory, first] = process.argv;
if (directory !== undefined && first !== undefined) {
  const values = await openHeaderValues({ name: 'crash', directory });
  const store = await openHeaderStore({ values, chainId: CHAIN_ID, maxHeaders: MAX_HEADERS });
  for (let height = Number(first); ; height++) {
    await store.keep(await keptBlock(height));
    writeSync(1, `${height}\n`);
  }
}
