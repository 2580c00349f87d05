import { createPrivateKey, hash, sign } from 'node:crypto';

/** Key of a name, by OpenSSL: noble would take minutes for all keys of a bench. */
export function opensslSigner(name: string) {
  const seed = hash('sha256', name, 'buffer');
  const der = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), seed]);
  const key = createPrivateKey({ key: der, format: 'der', type: 'pkcs8' });
  const publicKey = Uint8Array.from(Buffer.from(key.export({ format: 'jwk' }).x ?? '', 'base64url'));
  return { publicKey, sign: (message: Uint8Array) => Uint8Array.from(sign(null, message, key)) };
}
