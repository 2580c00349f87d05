import { txIdOf } from '@perigee/wire';
import { expect, it } from 'vitest';
import { TxWatch } from '../../src/cometbft/tx-watch.ts';
import { RESULT_CODE } from '../../src/index.ts';

const [lost, kept] = [1, 2].map((byte) => txIdOf(Uint8Array.of(byte))) as [Uint8Array, Uint8Array];

it('who waits for a transaction that a mempool lost is told so, and for another waits on', async () => {
  const watch = new TxWatch();
  watch.waits(lost, 5);
  watch.waits(kept, 5);
  const told = watch.settled(lost, undefined);
  const stop = new AbortController();
  const waiting = watch.settled(kept, stop.signal);
  for (let height = 6; height <= 20; height++) {
    // the mempool has been begun anew: only one of the two is there, and checked again after each block
    watch.waits(kept, height);
    watch.forgetUnchecked(height);
  }
  expect(await Promise.race([told, 'still waits'])).toMatchObject({ txId: lost, height: 0, code: RESULT_CODE.BUSY });
  expect(watch.get(lost)).toBeUndefined();
  expect(watch.get(kept)).toMatchObject({ height: 0, code: 0 });
  stop.abort();
  await expect(waiting).rejects.toMatchObject({ code: 'ABORTED' });
});

it('what waits is checked once all of it was, after a commit', () => {
  const watch = new TxWatch();
  expect(watch.isChecked(6)).toBe(true);
  watch.waits(lost, 5);
  watch.waits(kept, 5);
  expect([watch.isChecked(5), watch.isChecked(6)]).toEqual([true, false]);
  watch.waits(lost, 6);
  expect(watch.isChecked(6)).toBe(false);
  watch.settle({ txId: kept, height: 6, code: 0, log: '' });
  expect(watch.isChecked(6)).toBe(true);
});
