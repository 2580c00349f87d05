import { PerigeeError } from '@perigee/wire';
import { expect, it } from 'vitest';
import { StateStore } from '../src/state-store.ts';
import { untilLive } from '../src/until-live.ts';

const LONG_MS = 60_000;
const refusal = new PerigeeError('WRONG_CHAIN', 'it is another chain').toObject();

it('is done when the node follows its chain, at once where it does already', async () => {
  const store = new StateStore();
  const live = untilLive(store, new AbortController().signal, LONG_MS);
  store.update({ phase: 'verifying' });
  store.update({ phase: 'live' });
  await live;
  await untilLive(store, new AbortController().signal, LONG_MS);
});

it('ends with what keeps the node from running', async () => {
  const store = new StateStore();
  const live = untilLive(store, new AbortController().signal, LONG_MS);
  store.update({ phase: 'failed', error: refusal });
  await expect(live).rejects.toMatchObject({ code: 'WRONG_CHAIN', message: refusal.message });
});

it('ends with the reason of its signal, before and while it waits, and says when no peer answered in time', async () => {
  const store = new StateStore();
  const stop = new AbortController();
  const live = untilLive(store, stop.signal, LONG_MS);
  stop.abort(new PerigeeError('ABORTED', 'the page was closed'));
  await expect(live).rejects.toMatchObject({ code: 'ABORTED', message: 'the page was closed' });
  await expect(untilLive(store, stop.signal, LONG_MS)).rejects.toMatchObject({ code: 'ABORTED' });
  await expect(untilLive(store, new AbortController().signal, 20)).rejects.toMatchObject({ code: 'TIMEOUT' });
});
