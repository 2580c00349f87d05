import { noise, pureJsCrypto } from '@libp2p/noise';

/**
 * Noise that makes its key when a connection first needs it: webrtc-direct, which a page dials first, has a noise of its own, and the first key
 * costs the table of its curve.
 */
export function lateNoise(): ReturnType<typeof noise> {
  const make = noise();
  return (components) => {
    let made: ReturnType<typeof make> | undefined;
    const encrypter = (): ReturnType<typeof make> => {
      made ??= make(components);
      return made;
    };
    return {
      protocol: '/noise',
      secureInbound: (connection, options) => encrypter().secureInbound(connection, options),
      secureOutbound: (connection, options) => encrypter().secureOutbound(connection, options),
    };
  };
}

/** Makes the table that every handshake needs, 15 ms and more of this thread, once the first dial waits for the network. */
export function warmNoise(): void {
  setTimeout(() => pureJsCrypto.generateX25519KeyPair());
}
