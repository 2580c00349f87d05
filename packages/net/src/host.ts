import './websocket.ts';
import { fileURLToPath } from 'node:url';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { tcp } from '@libp2p/tcp';
import { webRTCDirect } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { MAX_CONNECTIONS } from '@perigee/wire';
import type { Libp2pOptions } from 'libp2p';
import { createCertificate, loadCertificate } from './certificate.ts';
import { systemClock } from './clock.ts';
import type { HostOptions, ListenOptions } from './host-options.ts';
import { loadIdentity } from './identity.ts';
import { commonOptions } from './libp2p-options.ts';
import { hardenListeners } from './listeners.ts';
import type { Platform } from './platform.ts';
import { freeUdpPort } from './udp-port.ts';

type TransportFactory = NonNullable<Libp2pOptions['transports']>[number];

/** What listens for WebTransport where that is asked for: few hosts do, and the others do not load it. @throws NOT_FOUND without Deno */
async function webTransport({ listen, directory, clock = systemClock }: HostOptions): Promise<TransportFactory[]> {
  if (listen?.webtransport === undefined) return [];
  const { deno, program, onFault = () => {} } = listen.webtransport;
  const { Certificates, findDeno, webTransportListener } = await import('./webtransport/index.ts');
  return [
    webTransportListener({
      deno: findDeno(deno, process.cwd()),
      program: fileURLToPath(program),
      certificates: await Certificates.open(directory, clock.now()),
      clock,
      onFault,
    }),
  ];
}

async function listenAddresses(listen: ListenOptions): Promise<string[]> {
  const ip = `/${listen.host.includes(':') ? 'ip6' : 'ip4'}/${listen.host}`;
  const addresses: string[] = [];
  if (listen.tcp !== undefined) addresses.push(`${ip}/tcp/${listen.tcp}`);
  if (listen.websocket !== undefined) addresses.push(`${ip}/tcp/${listen.websocket}/ws`);
  if (listen.webrtcDirect !== undefined) {
    // libp2p looks for a free TCP port where it is to find a UDP one
    addresses.push(`${ip}/udp/${await freeUdpPort(listen.host, listen.webrtcDirect)}/webrtc-direct`);
  }
  if (listen.webtransport !== undefined) {
    // Deno may only listen where it was told beforehand
    addresses.push(`${ip}/udp/${await freeUdpPort(listen.host, listen.webtransport.port)}/quic-v1/webtransport`);
  }
  return addresses;
}

export const platform: Platform = {
  preference: ['tcp', 'websocket', 'webrtc-direct', 'webrtc'],
  missing: {},
  async configure(options) {
    const { directory } = options;
    const privateKey = directory === undefined ? await generateKeyPair('Ed25519') : await loadIdentity(directory);
    const certificate = directory === undefined ? createCertificate() : await loadCertificate(directory);
    return {
      ...commonOptions(options),
      privateKey,
      addresses: {
        listen: options.listen === undefined ? [] : await listenAddresses(options.listen),
        announce: [...(options.announce ?? [])],
      },
      transports: [
        tcp({ maxConnections: MAX_CONNECTIONS }),
        webSockets(),
        // no STUN, neither as dialler nor as listener
        webRTCDirect({ rtcConfiguration: { iceServers: [] }, certificate }),
        ...(await webTransport(options)),
      ],
    };
  },
  started: hardenListeners,
};
