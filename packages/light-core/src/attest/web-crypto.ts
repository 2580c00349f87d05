import { MAX_CACHED_ATTESTATION_KEYS, PerigeeError, toHex } from '@perigee/wire';
import type { AttestCrypto, PublicKey } from './crypto.ts';
import { isEcdsaForm, isRsaForm } from './ecdsa-form.ts';

/** What is needed of `crypto.subtle`, so that this package names no DOM type. */
export interface AttestSubtle<Key = unknown> {
  importKey(
    format: 'raw' | 'spki',
    keyData: Uint8Array<ArrayBuffer>,
    algorithm: { name: string; namedCurve: string; hash: string },
    extractable: boolean,
    usages: 'verify'[],
  ): Promise<Key>;
  verify(
    algorithm: { name: string; hash: string; saltLength: number },
    key: Key,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
  digest(algorithm: string, data: Uint8Array<ArrayBuffer>): Promise<ArrayBuffer>;
}

const NAME = { 'P-256': 'ECDSA', 'P-384': 'ECDSA', RSA: 'RSA-PSS' } as const;
const HASH = { 'P-256': 'SHA-256', 'P-384': 'SHA-384', RSA: 'SHA-384' } as const;
/** Of RSA-PSS, bytes; ECDSA does not look at it. */
const SALT_BYTES = 48;

/**
 * Evidence's cryptography by WebCrypto. Imported keys are kept, the oldest go first.
 *
 * @param subtle `crypto.subtle`, which a page has only in a secure context
 */
export function webCryptoAttest<Key>(subtle: AttestSubtle<Key>): AttestCrypto {
  const keys = new Map<string, Promise<Key>>();

  function imported(key: PublicKey): Promise<Key> {
    const bytes = key.type === 'RSA' ? key.spki : key.point;
    const name = `${key.type} ${toHex(bytes)}`;
    const known = keys.get(name);
    if (known !== undefined) return known;
    const oldest = keys.size >= MAX_CACHED_ATTESTATION_KEYS ? keys.keys().next().value : undefined;
    if (oldest !== undefined) keys.delete(oldest);
    const algorithm = { name: NAME[key.type], namedCurve: key.type, hash: HASH[key.type] };
    const fresh = subtle.importKey(key.type === 'RSA' ? 'spki' : 'raw', Uint8Array.from(bytes), algorithm, false, ['verify']);
    keys.set(name, fresh);
    return fresh;
  }

  /** A key that cannot be imported has signed nothing. */
  async function verify(key: PublicKey, message: Uint8Array, signature: Uint8Array): Promise<boolean> {
    let ready: Key;
    try {
      ready = await imported(key);
    } catch (cause) {
      if (cause instanceof Error && cause.name === 'NotSupportedError') {
        throw new PerigeeError('UNSUPPORTED', `this WebCrypto has no ${NAME[key.type]} with ${key.type}`, { cause });
      }
      return false;
    }
    // copies: WebCrypto refuses views on shared memory
    const algorithm = { name: NAME[key.type], hash: HASH[key.type], saltLength: SALT_BYTES };
    return subtle.verify(algorithm, ready, Uint8Array.from(signature), Uint8Array.from(message));
  }

  const digest = async (name: string, message: Uint8Array): Promise<Uint8Array> =>
    new Uint8Array(await subtle.digest(name, Uint8Array.from(message)));

  return {
    verifyEcdsa: async (key, message, signature) => isEcdsaForm(key, signature) && verify(key, message, signature),
    verifyRsaPss: async (key, message, signature) => isRsaForm(key, signature) && verify(key, message, signature),
    sha256: (message) => digest('SHA-256', message),
    sha384: (message) => digest('SHA-384', message),
    sha512: (message) => digest('SHA-512', message),
  };
}
