import { multiaddrConnectionPair } from '@libp2p/utils';
import { expect, test } from 'vitest';
import { createMuxer } from '../src/muxer.ts';

test('a stream on a connection that begins to close ends with it, and takes nothing else down', async () => {
  const uncaught: unknown[] = [];
  const note = (error: unknown): void => {
    uncaught.push(error);
  };
  process.on('uncaughtException', note);
  const [here, there] = multiaddrConnectionPair();
  createMuxer({ enableKeepAlive: false })().createStreamMuxer(there);
  const muxer = createMuxer({ enableKeepAlive: false })().createStreamMuxer(here);
  const stream = muxer.createStream();
  const closed = here.close();
  const ended = (await stream).status;
  await closed;
  await new Promise((resolve) => setImmediate(resolve));
  process.off('uncaughtException', note);
  expect(uncaught).toEqual([]);
  expect(ended).toBe('open'); // at first: it has not said a word yet
  expect((await stream).status).not.toBe('open');
});
