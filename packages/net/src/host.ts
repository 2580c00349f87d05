import './websocket.ts';
import { generateKeyPair } from '@libp2p/crypto/keys';
import { tcp } from '@libp2p/tcp';
import { webRTCDirect } from '@libp2p/webrtc';
import { webSockets } from '@libp2p/websockets';
import { MAX_CONNECTIONS } from '@perigee/wire';
import { createCertificate, loadCertificate } from './certificate.ts';
import type { ListenOptions } from './host-options.ts';
import { loadIdentity } from './identity.ts';
import { commonOptions } from './libp2p-options.ts';
import { hardenListeners } from './listeners.ts';
import type { Platform } from './platform.ts';
import { freeUdpPort } from './udp-port.ts';

async function listenAddresses(listen: ListenOptions): Promise<string[]> {
  const ip = `/${listen.host.includes(':') ? 'ip6' : 'ip4'}/${listen.host}`;
  const addresses: string[] = [];
  if (listen.tcp !== undefined) addresses.push(`${ip}/tcp/${listen.tcp}`);
  if (listen.websocket !== undefined) addresses.push(`${ip}/tcp/${listen.websocket}/ws`);
  if (listen.webrtcDirect !== undefined) {
    // libp2p looks for a free TCP port where it is to find a UDP one
    addresses.push(`${ip}/udp/${await freeUdpPort(listen.host, listen.webrtcDirect)}/webrtc-direct`);
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
      ],
    };
  },
  started: hardenListeners,
};
