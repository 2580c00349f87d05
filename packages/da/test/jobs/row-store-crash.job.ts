/** Run as a process of its own: fills a store until it is killed, and says on standard output what was acknowledged. */
import { writeSync } from 'node:fs';
import { RowStore } from '../../src/store/row-store.ts';
import { headerOf, proofsOf, rlcOf } from '../rows.ts';

const [, , dir, first] = process.argv;
if (dir !== undefined && first !== undefined) {
  const store = await RowStore.open({ dir, budgetBytes: 2 ** 40 });
  for (let blob = Number(first); ; blob++) {
    const header = headerOf(blob);
    const holding = await store.prepare(header, rlcOf(blob), 1_000);
    for (let at = 0; at < header.indices.length; at += 32) await holding.write(proofsOf(blob, header.indices.slice(at, at + 32)));
    await holding.seal();
    writeSync(1, `${blob}\n`);
    if (blob % 3 === 2) await store.drop(headerOf(blob - 1), 1_001);
  }
}
