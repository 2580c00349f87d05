/** Diffie–Hellman on Curve25519 (RFC 7748), by WebCrypto where it has it, else by noble. */
import { x25519 } from '@noble/curves/ed25519.js';
import { concat, fromHex } from '@perigee/wire';

export interface X25519 {
  /** @param secret 32 bytes @returns 32 bytes */
  publicKeyOf(secret: Uint8Array): Promise<Uint8Array>;
  /** @returns 32 bytes; rejects for a public key that gives only zeros */
  agree(secret: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array>;
}

export const nobleX25519: X25519 = {
  publicKeyOf: async (secret) => x25519.getPublicKey(secret),
  agree: async (secret, publicKey) => x25519.getSharedSecret(secret, publicKey),
};

/** What is needed of `crypto.subtle`, so that this package names no DOM type. */
export interface SubtleX25519<Key = unknown> {
  importKey(
    format: 'raw' | 'pkcs8',
    keyData: Uint8Array<ArrayBuffer>,
    algorithm: { name: string },
    extractable: boolean,
    usages: 'deriveBits'[],
  ): Promise<Key>;
  deriveBits(algorithm: { name: string; public: Key }, key: Key, length: number): Promise<ArrayBuffer>;
}

const ALGORITHM = { name: 'X25519' };
/** A private key in PKCS #8 up to its 32 bytes (RFC 8410, section 7). */
const PKCS8_HEAD = /* @__PURE__ */ fromHex('302e020100300506032b656e04220420');
/** The base point, u = 9. */
const BASE = /* @__PURE__ */ Uint8Array.from({ length: 32 }, (_, i) => (i === 0 ? 9 : 0));

function webCryptoX25519<Key>(subtle: SubtleX25519<Key>): X25519 {
  const agree = async (secret: Uint8Array, publicKey: Uint8Array): Promise<Uint8Array> => {
    // copies: WebCrypto refuses views on shared memory
    const ours = await subtle.importKey('pkcs8', Uint8Array.from(concat(PKCS8_HEAD, secret)), ALGORITHM, false, ['deriveBits']);
    const theirs = await subtle.importKey('raw', Uint8Array.from(publicKey), ALGORITHM, false, []);
    return new Uint8Array(await subtle.deriveBits({ ...ALGORITHM, public: theirs }, ours, 256));
  };
  return { agree, publicKeyOf: (secret) => agree(secret, BASE) };
}

/**
 * The fastest that is there.
 *
 * @param subtle `crypto.subtle`, which a page has only in a secure context, and which knows X25519 only in newer browsers
 */
export async function bestX25519(subtle: SubtleX25519 | undefined): Promise<X25519> {
  if (subtle === undefined) return nobleX25519;
  const web = webCryptoX25519(subtle);
  return web.publicKeyOf(BASE).then(
    () => web,
    () => nobleX25519,
  );
}
