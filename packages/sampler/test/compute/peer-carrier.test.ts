import { createHost, createStopController, type Host, serve } from '@perigee/net';
import { inferenceProtocol } from '@perigee/net/inference';
import {
  ANSWER_SILENCE_MS,
  INFERENCE_MS,
  INFERENCE_QUEUE_MS,
  type InferenceFrame,
  MAX_ANSWER_MS,
  OPENING_SILENCE_MS,
} from '@perigee/wire';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../../../../tests/kit/eventually.ts';
import { TickingClock } from '../../../../tests/kit/ticking-clock.ts';
import { peerCarrier } from '../../src/compute/carriers/index.ts';

const { signal } = createStopController();
const clock = new TickingClock(0);
const frame: InferenceFrame = { models: [], chunk: Uint8Array.of(1) };
let provider: Host;
let client: Host;
/** Sends a frame of the answer that is open. */
let send: () => void = () => {};
let asked = 0;

beforeAll(async () => {
  provider = await createHost({ listen: { host: '127.0.0.1', tcp: 0 }, allowPrivate: true });
  // time stands still for the one that must not wait for ever, and nobody hurries the other
  client = await createHost({ allowPrivate: true, clock });
  await serve(provider, inferenceProtocol, async function* (_, { signal: gone }) {
    asked++;
    for (;;) {
      await new Promise<void>((resolve, reject) => {
        send = resolve;
        gone.addEventListener('abort', () => reject(gone.reason), { once: true });
      });
      yield frame;
    }
  });
});
afterAll(async () => {
  await client?.stop();
  await provider?.stop();
});

/** A question that the provider has, and what comes of its next frame. */
async function ask() {
  const multiaddrs = provider.multiaddrs().map((address) => `${address}/p2p/${provider.peerId}`);
  const frames = peerCarrier(client, { peerId: provider.peerId, multiaddrs }).answer({}, signal);
  const before = asked;
  const next = () => {
    const coming = frames.next().then(
      ({ done }) => (done === true ? 'end' : 'frame'),
      ({ code }) => code,
    );
    return {
      coming,
      isOpen: () => Promise.race([coming.then(() => false), new Promise((resolve) => setTimeout(() => resolve(true), 30))]),
    };
  };
  const first = next();
  await eventually(() => expect(asked).toBe(before + 1));
  return { first, next };
}

it('waits for a provider as long as it may take for its queue, and then for its model', async () => {
  const { first, next } = await ask();
  clock.advance(INFERENCE_QUEUE_MS);
  expect(await first.isOpen()).toBe(true);
  send();
  expect(await first.coming).toBe('frame');
  for (let pieces = 0; pieces < 2; pieces++) {
    const piece = next();
    clock.advance(INFERENCE_MS - 1_000);
    expect(await piece.isOpen(), 'a model that works for as long as it may').toBe(true);
    send();
    expect(await piece.coming).toBe('frame');
  }
});

it('gives up one that is silent for longer than it may be, before it begins and after', async () => {
  const silent = await ask();
  clock.advance(OPENING_SILENCE_MS - 1);
  expect(await silent.first.isOpen()).toBe(true);
  clock.advance(1);
  expect(await silent.first.coming).toBe('TIMEOUT');
  const { first, next } = await ask();
  send();
  expect(await first.coming).toBe('frame');
  const piece = next();
  clock.advance(ANSWER_SILENCE_MS - 1);
  expect(await piece.isOpen()).toBe(true);
  clock.advance(1);
  expect(await piece.coming).toBe('TIMEOUT');
});

it('gives up one that sends a frame now and then, for ever', async () => {
  const { first, next } = await ask();
  const began = clock.now();
  send();
  let came = await first.coming;
  while (came === 'frame') {
    expect(clock.now() - began).toBeLessThanOrEqual(MAX_ANSWER_MS);
    const piece = next();
    clock.advance(100_000);
    expect(await piece.isOpen()).toBe(true);
    send();
    came = await piece.coming;
  }
  expect(came).toBe('TIMEOUT');
});
