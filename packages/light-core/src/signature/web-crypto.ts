import { MAX_CACHED_KEYS, toHex } from '@perigee/wire';
import { fastThenNoble } from './fast-then-noble.ts';
import { nobleEd25519 } from './noble.ts';
import type { VerifyEd25519 } from './verify.ts';

/** What is needed of `crypto.subtle`, so that this package names no DOM type. */
export interface SubtleVerifier<Key = unknown> {
  importKey(
    format: 'raw',
    keyData: Uint8Array<ArrayBuffer>,
    algorithm: { name: string },
    extractable: boolean,
    usages: readonly 'verify'[],
  ): Promise<Key>;
  verify(
    algorithm: { name: string },
    key: Key,
    signature: Uint8Array<ArrayBuffer>,
    data: Uint8Array<ArrayBuffer>,
  ): Promise<boolean>;
}

const ALGORITHM = { name: 'Ed25519' };

/**
 * WebCrypto's ed25519, ten times as fast as noble and stricter than ZIP-215: alone it would refuse commits that a chain accepts, so
 * it belongs inside `fastThenNoble`. Imported keys are kept, the oldest go first.
 *
 * @param subtle `crypto.subtle`; where it does not know Ed25519 (Chrome before 137) the verifier throws
 */
export function webCryptoEd25519<Key>(subtle: SubtleVerifier<Key>): VerifyEd25519 {
  const keys = new Map<string, Key>();
  return async (publicKey, message, signature) => {
    const name = toHex(publicKey);
    let key = keys.get(name);
    if (key === undefined) {
      key = await subtle.importKey('raw', Uint8Array.from(publicKey), ALGORITHM, false, ['verify']);
      const oldest = keys.size >= MAX_CACHED_KEYS ? keys.keys().next().value : undefined;
      if (oldest !== undefined) keys.delete(oldest);
      keys.set(name, key);
    }
    // copies: WebCrypto refuses views on shared memory
    return subtle.verify(ALGORITHM, key, Uint8Array.from(signature), Uint8Array.from(message));
  };
}

/**
 * The fastest verifier with the verdict of ZIP-215.
 *
 * @param subtle `crypto.subtle`, which a page has only in a secure context
 */
export function bestEd25519(subtle: SubtleVerifier | undefined): VerifyEd25519 {
  return subtle === undefined ? nobleEd25519 : fastThenNoble(webCryptoEd25519(subtle));
}
