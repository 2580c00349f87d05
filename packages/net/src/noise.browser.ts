import { noise, pureJsCrypto } from '@libp2p/noise';

/**
 * Noise that makes its key when a connection first needs it: webrtc-direct, which a page dials first, has a noise of its own, and by then the browser
 * has made keys.
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

type KeyPair = ReturnType<typeof pureJsCrypto.generateX25519KeyPair>;

/** A dial over webrtc-direct takes two pairs, and a page dials a handful of peers at once. */
const READY_PAIRS = 8;
const KEY_BYTES = 32;

const ready: KeyPair[] = [];
let making = 0;
let isInstalled = false;
const makeOfLibrary = pureJsCrypto.generateX25519KeyPair;

/**
 * Has the browser make the pairs of handshakes beforehand, aside of this thread: noise asks for one in the midst of a handshake and cannot wait, and its
 * own JavaScript takes up to 100 ms of a page that has just been opened. Where the browser has no X25519, the library makes them as before.
 */
export function readyKeyPairs(): void {
  if (!isInstalled) pureJsCrypto.generateX25519KeyPair = takeKeyPair;
  isInstalled = true;
  refill();
}

function takeKeyPair(): KeyPair {
  const pair = ready.pop();
  refill();
  return pair ?? makeOfLibrary();
}

function refill(): void {
  while (ready.length + making < READY_PAIRS) {
    making++;
    void makeOfBrowser().then(
      (pair) => {
        making--;
        ready.push(pair);
      },
      () => {}, // it knows no X25519: `making` stays, so it is not asked again
    );
  }
}

async function makeOfBrowser(): Promise<KeyPair> {
  const { publicKey, privateKey } = (await crypto.subtle.generateKey('X25519', true, ['deriveBits'])) as CryptoKeyPair;
  const [raw, pkcs8] = await Promise.all([
    crypto.subtle.exportKey('raw', publicKey),
    crypto.subtle.exportKey('pkcs8', privateKey),
  ]);
  return { publicKey: new Uint8Array(raw), privateKey: new Uint8Array(pkcs8).slice(-KEY_BYTES) };
}
