import { generateKeyPair, privateKeyFromRaw } from '@libp2p/crypto/keys';
import type { PrivateKey } from '@libp2p/interface';
import { concat } from '@perigee/wire';

/** Bytes of an ed25519 seed: what ends its PKCS #8 form (RFC 8410 §7). */
const SEED_BYTES = 32;

/**
 * An ed25519 key for one visit. The browser makes it where it can: libp2p's own way first makes the table of a curve in JavaScript, 15 ms and more of
 * the page's thread before anything is dialled.
 */
export async function newIdentity(): Promise<PrivateKey> {
  try {
    const { subtle } = crypto; // there is none on an insecure origin
    const pair = await subtle.generateKey({ name: 'Ed25519' }, true, ['sign', 'verify']);
    if (!('privateKey' in pair)) return await generateKeyPair('Ed25519');
    const [secret, known] = await Promise.all([
      subtle.exportKey('pkcs8', pair.privateKey),
      subtle.exportKey('raw', pair.publicKey),
    ]);
    return privateKeyFromRaw(concat(new Uint8Array(secret).subarray(-SEED_BYTES), new Uint8Array(known)));
  } catch {
    return generateKeyPair('Ed25519'); // before Chrome 137
  }
}
