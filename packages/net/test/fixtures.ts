import type { Stream } from '@libp2p/interface';
import { peerIdFromString } from '@libp2p/peer-id';
import { multiaddr } from '@multiformats/multiaddr';
import { onTestFinished } from 'vitest';
import { createHost, type Host, type HostEvent, type HostOptions, type Transport } from '../src/index.ts';
import { echoProtocol } from './protocols.ts';

export const TRANSPORTS = ['tcp', 'websocket', 'webrtc-direct'] as const satisfies readonly Transport[];

/** A host that ends with the test. */
export async function testHost(options: HostOptions = {}): Promise<Host> {
  const host = await createHost({ allowPrivate: true, ...options });
  onTestFinished(() => host.stop());
  return host;
}

/** A host that listens on free loopback ports. */
export function testServer(options: HostOptions = {}): Promise<Host> {
  return testHost({ listen: { host: '127.0.0.1', tcp: 0, websocket: 0, webrtcDirect: 0 }, ...options });
}

const SUFFIX: Record<Transport, RegExp> = {
  tcp: /\/tcp\/\d+$/,
  websocket: /\/ws$/,
  'webrtc-direct': /\/webrtc-direct\//,
  webrtc: /\/webrtc\//,
  webtransport: /\/webtransport\//,
};

/** How to reach a host over one transport. */
export function addressOf(host: Host, transport: Transport): { peerId: string; multiaddrs: string[] } {
  return { peerId: host.peerId, multiaddrs: host.multiaddrs().filter((address) => SUFFIX[transport].test(address)) };
}

/** A stream of a protocol to a server, for bytes that no honest client sends. */
export async function rawStream(from: Host, to: Host, transport: Transport, protocol = echoProtocol.id): Promise<Stream> {
  const [address] = addressOf(to, transport).multiaddrs;
  const known = from.libp2p.getConnections(peerIdFromString(to.peerId))[0];
  const connection = known ?? (await from.libp2p.dial(multiaddr(`${address}/p2p/${to.peerId}`)));
  return connection.newStream(protocol, { maxOutboundStreams: 1_000 });
}

/** Resolves when the stream is over, however it ended. */
export function closed(stream: Stream): Promise<void> {
  if (stream.status !== 'open') return Promise.resolve();
  return new Promise((resolve) => stream.addEventListener('close', () => resolve(), { once: true }));
}

/** The codes of the rules that peers of this host broke. */
export function brokenRules(host: Host): string[] {
  const codes: string[] = [];
  host.subscribe((event: HostEvent) => {
    if (event.type === 'protocolError') codes.push(event.code);
  });
  return codes;
}
