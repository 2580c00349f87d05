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

/** By then the first dials wait for the network; sooner the table would be in the way of their descriptions, milliseconds. */
const WARM_AFTER_MS = 70;

/** Makes the table that every handshake needs, 15 ms and more of this thread. */
export function warmNoise(): void {
  setTimeout(() => pureJsCrypto.generateX25519KeyPair(), WARM_AFTER_MS);
}
