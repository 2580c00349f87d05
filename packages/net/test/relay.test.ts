/** Pages are introduced by a relay; Node hosts stand in for browsers here, over the same transports. */
import { createHash } from 'node:crypto';
import { RELAY_V2_STOP_CODEC } from '@libp2p/circuit-relay-v2';
import type { Connection } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { MAX_PAGES_NAMED, MAX_RELAY_RATES, MAX_RELAYED_BYTES, message, proto } from '@perigee/wire';
import { expect, onTestFinished, test, vi } from 'vitest';
import { eventually } from '../../../tests/kit/eventually.ts';
import { TickingClock } from '../../../tests/kit/ticking-clock.ts';
import { dialPeer, type Host, type HostOptions, open, serve } from '../src/index.ts';
import { Introductions } from '../src/pages/index.ts';
import { pagesProtocol } from '../src/pages/protocols.ts';
import { Rates } from '../src/pages/rates.ts';
import { Relay, type RelayLimits } from '../src/pages/relay.ts';
import { addressOf, testHost, testServer } from './fixtures.ts';
import { echoProtocol } from './protocols.ts';

/** A list of names without a bound. */
const endless = message('PagesAnswer', { peerIds: [1, proto.repeated(proto.string(64), 4_096)] });

const GENESIS = createHash('sha256').update('a chain').digest();

async function startRelay(limits: Partial<RelayLimits> = {}, options: HostOptions = {}): Promise<{ host: Host; relay: Relay }> {
  const host = await testServer(options);
  const relay = await Relay.start(host, GENESIS, limits);
  onTestFinished(() => relay.stop());
  return { host, relay };
}

/** A host that has a place reserved at the relay. */
async function page(relay: Host, genesisHash: Uint8Array = GENESIS): Promise<{ host: Host; meet: Introductions }> {
  const host = await testHost();
  await dialPeer(host, addressOf(relay, 'websocket'));
  const meet = await Introductions.of(host, genesisHash);
  await meet.reserve(relay.peerId);
  return { host, meet };
}

const never = new AbortController().signal;

/** A connection that the relay carries: what an introduction begins with. */
function over(relay: Host, from: Host, to: Host): Promise<Connection> {
  const way = multiaddr(`/p2p/${relay.peerId}/p2p-circuit/p2p/${to.peerId}`);
  return from.components.transportManager.dial(way, { signal: never });
}

/** On a busy machine two browsers may need more than one try, as pages have. */
async function met(by: Introductions, relay: Host, page: Host, tries = 3): Promise<void> {
  await by.meet(relay.peerId, page.peerId, never).catch((error) => {
    if (tries <= 1) throw error;
    return met(by, relay, page, tries - 1);
  });
}

test('two hosts that a relay introduced speak directly, and go on when the relay has ended', async () => {
  const { host: relay } = await startRelay();
  const a = await page(relay);
  const b = await page(relay);
  expect(await a.meet.others(relay.peerId, never)).toEqual([]);
  expect(await b.meet.others(relay.peerId, never)).toEqual([a.host.peerId]);
  await serve(a.host, echoProtocol, async ({ size }) => ({ index: 0, data: new Uint8Array(size) }));
  await met(b.meet, relay, a.host);
  const [connection] = b.host.connections().filter(({ peerId }) => peerId === a.host.peerId);
  expect(connection?.transport).toBe('webrtc');
  await eventually(() => expect(a.host.isConnected(b.host.peerId)).toBe(true));
  await relay.stop();
  await eventually(() => expect(b.host.isConnected(relay.peerId)).toBe(false));
  const echo = open(b.host, { peerId: a.host.peerId, multiaddrs: [] }, echoProtocol);
  expect((await echo.callOne({ count: 1, size: 3, mode: '' })).data).toHaveLength(3);
});

test('a flood of reservations from one address leaves room, and who leaves makes room', async () => {
  const { host: relay, relay: service } = await startRelay({ reservationsPerAddress: 2 });
  const a = await page(relay);
  await page(relay);
  await expect(page(relay)).rejects.toMatchObject({ code: 'REFUSED' });
  expect(service.figures).toMatchObject({ reservations: 2, refused: 1 });
  await a.host.stop();
  await eventually(() => expect(service.figures.reservations).toBe(1));
  await page(relay);
});

test('who reserves, leaves and comes back gets so many places a minute, and keeps the one it has', async () => {
  const clock = new TickingClock();
  const { host: relay, relay: service } = await startRelay({ reservationsByPeer: 3, reservationMs: 480_000 }, { clock });
  const a = await page(relay);
  const comeBack = async (): Promise<void> => {
    await a.host.disconnect(relay.peerId);
    await eventually(() => expect(service.figures.reservations).toBe(0));
    await dialPeer(a.host, addressOf(relay, 'websocket'));
    await a.meet.reserve(relay.peerId);
  };
  await comeBack();
  await comeBack();
  expect(service.figures).toMatchObject({ reservations: 1, refused: 0 });
  await expect(a.meet.reserve(relay.peerId)).rejects.toMatchObject({ code: 'REFUSED' });
  expect(service.figures).toMatchObject({ reservations: 1, refused: 1 });
  await expect(comeBack()).rejects.toMatchObject({ code: 'REFUSED' });
  await page(relay); // its haste is nobody else's
  clock.advance(20_000); // one in a third of a minute
  await a.meet.reserve(relay.peerId);
  await expect(a.meet.reserve(relay.peerId)).rejects.toMatchObject({ code: 'REFUSED' });
  expect(service.figures).toMatchObject({ reservations: 2, refused: 3 });
});

test.each([['reservationsFromAddress'], ['reservationsMade']] as const)(
  'new names do not help who reserves without end: %s',
  async (limit) => {
    const clock = new TickingClock();
    const { host: relay, relay: service } = await startRelay({ [limit]: 2 }, { clock });
    const come = async (): Promise<void> => {
      const { host } = await page(relay);
      await host.disconnect(relay.peerId);
      await eventually(() => expect(service.figures.reservations).toBe(0));
    };
    await come();
    await come();
    await expect(page(relay)).rejects.toMatchObject({ code: 'REFUSED' });
    clock.advance(30_000);
    await come();
    expect(service.figures.refused).toBe(1);
  },
);

test('rates are remembered of so many, and the one that asked longest ago is forgotten first', () => {
  const rates = new Rates(new TickingClock(), 1);
  const names = Array.from({ length: MAX_RELAY_RATES }, (_, i) => `peer ${i}`);
  expect(names.every((name) => rates.take(name))).toBe(true);
  expect(rates.take('peer 0')).toBe(false); // and it asked last now
  expect(rates.take('one more')).toBe(true);
  expect(rates.take('peer 0')).toBe(false);
  expect(rates.take('peer 1')).toBe(true);
});

/** Timers of reservations, in the order in which they were set, for a test to fire. */
function reservationTimers(): { ms: number; timers: AbortController[] } {
  const ms = 480_123; // so long that none is over by itself, so short that it may be renewed, and like no other
  const timers: AbortController[] = [];
  const { timeout } = AbortSignal;
  const spy = vi.spyOn(AbortSignal, 'timeout').mockImplementation((delay) => {
    if (delay !== ms) return timeout.call(AbortSignal, delay);
    const timer = new AbortController();
    timers.push(timer);
    return timer.signal;
  });
  onTestFinished(() => spy.mockRestore());
  return { ms, timers };
}

test('a reservation that ended with its connection ends none that comes after it', async () => {
  const { ms, timers } = reservationTimers();
  const { host: relay, relay: service } = await startRelay({ reservationMs: ms });
  const a = await page(relay);
  await a.host.disconnect(relay.peerId);
  await eventually(() => expect(service.figures.reservations).toBe(0));
  const b = await page(relay);
  await dialPeer(a.host, addressOf(relay, 'websocket'));
  await a.meet.reserve(relay.peerId);
  expect(timers).toHaveLength(3);
  timers[0]?.abort(); // of the one that has ended
  expect(service.figures.reservations).toBe(2);
  timers[1]?.abort();
  expect(service.figures.reservations).toBe(1);
  await a.meet.others(relay.peerId, never);
  await expect(b.meet.others(relay.peerId, never)).rejects.toMatchObject({ code: 'REFUSED' });
});

test('a reservation that was renewed lasts from then on, however often', async () => {
  const { ms, timers } = reservationTimers();
  const { host: relay, relay: service } = await startRelay({ reservationMs: ms, reservations: 1 });
  const a = await page(relay);
  for (let renewals = 1; renewals <= 3; renewals++) {
    await a.meet.reserve(relay.peerId);
    expect(timers).toHaveLength(renewals + 1);
    for (const timer of timers.slice(0, -1)) timer.abort();
    expect(service.figures).toMatchObject({ reservations: 1, refused: 0 });
  }
  await a.meet.others(relay.peerId, never);
  timers.at(-1)?.abort();
  expect(service.figures.reservations).toBe(0);
});

test('a peer is introduced, and introduced to, so many times a minute', async () => {
  const { host: relay, relay: service } = await startRelay({ introductionsByPeer: 1, introductionsToPeer: 2 });
  const [a, b, c, d] = [await page(relay), await page(relay), await page(relay), await page(relay)];
  await over(relay, b.host, a.host);
  await expect(over(relay, b.host, a.host)).rejects.toThrow(); // it has asked for its one
  await over(relay, c.host, a.host);
  await expect(over(relay, d.host, a.host)).rejects.toThrow(); // it was asked for twice
  expect(service.figures).toMatchObject({ introductions: 2, refused: 2 });
});

test('a connection over the relay is none: it carries nothing but the introduction', async () => {
  const { host: relay } = await startRelay();
  const a = await page(relay);
  const b = await page(relay);
  await serve(a.host, echoProtocol, async ({ size }) => ({ index: 0, data: new Uint8Array(size) }));
  const connection = await over(relay, b.host, a.host);
  expect(connection.limits?.bytes).toBeLessThanOrEqual(BigInt(MAX_RELAYED_BYTES)); // its handshake counts too
  expect(b.host.isConnected(a.host.peerId)).toBe(false);
  await expect(connection.newStream(echoProtocol.id)).rejects.toThrow();
  const echo = open(b.host, { peerId: a.host.peerId, multiaddrs: [] }, echoProtocol);
  await expect(echo.callOne({ count: 1, size: 3, mode: '' })).rejects.toMatchObject({ code: 'UNREACHABLE' });
});

test('only who has a place is told who else is there, and pages of another chain are not named', async () => {
  const { host: relay } = await startRelay();
  const a = await page(relay);
  await a.meet.others(relay.peerId, never);
  const stranger = await testHost();
  await dialPeer(stranger, addressOf(relay, 'websocket'));
  const meet = await Introductions.of(stranger, GENESIS);
  await expect(meet.others(relay.peerId, never)).rejects.toMatchObject({ code: 'REFUSED' });
  const other = await page(relay, createHash('sha256').update('another chain').digest());
  await expect(other.meet.others(relay.peerId, never)).rejects.toMatchObject({ code: 'UNSUPPORTED' });
});

test('an introduction is taken from a relay that was asked, and from nobody else', async () => {
  const { host: relay } = await startRelay();
  const a = await page(relay);
  const { host: stranger } = await startRelay();
  await dialPeer(a.host, addressOf(stranger, 'websocket'));
  const [connection] = stranger.libp2p.getConnections(peerIdFromString(a.host.peerId));
  const stream = await connection?.newStream(RELAY_V2_STOP_CODEC);
  await eventually(() => expect(stream?.status).not.toBe('open'));
  expect(a.meet.isReserved(stranger.peerId)).toBe(false);
});

test('a relay that names too many breaks the protocol', async () => {
  const host = await testServer();
  const { peerId } = host;
  await serve(host, { ...pagesProtocol(GENESIS), answer: endless, maxAnswerBytes: 64 * 1_024 }, async () => ({
    peerIds: Array.from({ length: MAX_PAGES_NAMED + 1 }, () => peerId),
  }));
  const a = await testHost();
  await dialPeer(a, addressOf(host, 'websocket'));
  const meet = await Introductions.of(a, GENESIS);
  await expect(meet.others(peerId, never)).rejects.toMatchObject({ code: expect.stringMatching(/PARSE|FRAME_TOO_LARGE/) });
});
