/** HPKE (RFC 9180) in base mode with one suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20-Poly1305. */
import { chacha20poly1305 } from '@noble/ciphers/chacha.js';
import { expand, extract } from '@noble/hashes/hkdf.js';
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, PerigeeError, u8, utf8 } from '@perigee/wire';
import type { X25519 } from './x25519.ts';

const KEY_BYTES = 32;
const NONCE_BYTES = 12;
export const TAG_BYTES = 16;

const VERSION = /* @__PURE__ */ utf8('HPKE-v1');
const KEM_SUITE = /* @__PURE__ */ concat(utf8('KEM'), Uint8Array.of(0x00, 0x20));
const SUITE = /* @__PURE__ */ concat(utf8('HPKE'), Uint8Array.of(0x00, 0x20, 0x00, 0x01, 0x00, 0x03));
const EMPTY = /* @__PURE__ */ new Uint8Array(0);

function labeledExtract(suite: Uint8Array, salt: Uint8Array, label: string, ikm: Uint8Array): Uint8Array {
  return extract(sha256, concat(VERSION, suite, utf8(label), ikm), salt);
}

function labeledExpand(suite: Uint8Array, prk: Uint8Array, label: string, info: Uint8Array, length: number): Uint8Array {
  return expand(sha256, prk, concat(Uint8Array.of(length >> 8, length & 255), VERSION, suite, utf8(label), info), length);
}

/** Section 5.1. What one message after another is sealed or opened with: both sides count alike. */
export class HpkeContext {
  readonly #key: Uint8Array;
  readonly #baseNonce: Uint8Array;
  #sequence = 0;

  constructor(sharedSecret: Uint8Array, info: Uint8Array) {
    const context = concat(
      u8(0),
      labeledExtract(SUITE, EMPTY, 'psk_id_hash', EMPTY),
      labeledExtract(SUITE, EMPTY, 'info_hash', info),
    );
    const secret = labeledExtract(SUITE, sharedSecret, 'secret', EMPTY);
    this.#key = labeledExpand(SUITE, secret, 'key', context, KEY_BYTES);
    this.#baseNonce = labeledExpand(SUITE, secret, 'base_nonce', context, NONCE_BYTES);
  }

  seal(aad: Uint8Array, plain: Uint8Array): Uint8Array {
    return chacha20poly1305(this.#key, this.#nonce(), aad).encrypt(plain);
  }

  /** @throws SEALED when anything of it was changed, or it is not the next */
  open(aad: Uint8Array, sealed: Uint8Array): Uint8Array {
    try {
      return chacha20poly1305(this.#key, this.#nonce(), aad).decrypt(sealed);
    } catch (cause) {
      throw new PerigeeError('SEALED', 'what was sealed does not open: it is for another key, or was changed on its way', {
        cause,
      });
    }
  }

  #nonce(): Uint8Array {
    const nonce = Uint8Array.from(this.#baseNonce);
    const view = new DataView(nonce.buffer);
    view.setBigUint64(4, view.getBigUint64(4) ^ BigInt(this.#sequence++));
    return nonce;
  }
}

/** Section 4.1, ExtractAndExpand. */
function sharedSecretOf(agreed: Uint8Array, enc: Uint8Array, recipient: Uint8Array): Uint8Array {
  const prk = labeledExtract(KEM_SUITE, EMPTY, 'eae_prk', agreed);
  return labeledExpand(KEM_SUITE, prk, 'shared_secret', concat(enc, recipient), KEY_BYTES);
}

/**
 * SetupBaseS.
 *
 * @param recipient public key, 32 bytes
 * @param ephemeral secret key that is used once, 32 bytes from a CSPRNG
 * @throws SEALED when the public key is none
 */
export async function setupSender(
  recipient: Uint8Array,
  info: Uint8Array,
  ephemeral: Uint8Array,
  x25519: X25519,
): Promise<{ readonly enc: Uint8Array; readonly context: HpkeContext }> {
  const enc = await x25519.publicKeyOf(ephemeral);
  const agreed = await agree(ephemeral, recipient, x25519);
  return { enc, context: new HpkeContext(sharedSecretOf(agreed, enc, recipient), info) };
}

/** SetupBaseR. @param secret of the recipient, 32 bytes @throws SEALED when the encapsulated key is none */
export async function setupRecipient(
  enc: Uint8Array,
  secret: Uint8Array,
  info: Uint8Array,
  x25519: X25519,
): Promise<HpkeContext> {
  const recipient = await x25519.publicKeyOf(secret);
  return new HpkeContext(sharedSecretOf(await agree(secret, enc, x25519), enc, recipient), info);
}

async function agree(secret: Uint8Array, publicKey: Uint8Array, x25519: X25519): Promise<Uint8Array> {
  if (publicKey.length !== KEY_BYTES)
    throw new PerigeeError('SEALED', `a key to seal to has ${KEY_BYTES} bytes, not ${publicKey.length}`);
  try {
    return await x25519.agree(secret, publicKey);
  } catch (cause) {
    throw new PerigeeError('SEALED', 'the key to seal to is no public key', { cause });
  }
}
