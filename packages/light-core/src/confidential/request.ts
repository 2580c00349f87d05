/** Requests whose prompt only the enclave reads (`0g-pc/v1`): the rest stays readable for who routes them, and cannot be changed. */
import { sha256 } from '@noble/hashes/sha2.js';
import { equal, fromHex, PerigeeError, toHex, utf8 } from '@perigee/wire';
import type { RandomBytes } from '../roles/index.ts';
import { aadOf, ENVELOPE, ENVELOPE_VERSION, metadataOf, namesOf, openFields, unboundOf } from './envelope.ts';
import { setupRecipient, setupSender } from './hpke.ts';
import { fromBase64Url, type JsonObject, toBase64Url, without } from './json.ts';
import type { X25519 } from './x25519.ts';

const SEAL_INFO = /* @__PURE__ */ utf8('0g-pc/v1/seal');
const KEM_ID = '0x0020';
const KEY_ID_BYTES = 8;
const PUBLIC_KEY_BYTES = 32;
/** What is sealed of a request where it is there: `perigee` holds the salt, without which whoever knows the request's hash could try prompts. */
const SEALED = ['messages', 'tools', 'input', 'perigee'];

/** Name of an encryption key: SHA-256 of it, the first eight bytes. */
export function keyIdOf(encryptionKey: Uint8Array): Uint8Array {
  return sha256(encryptionKey).slice(0, KEY_ID_BYTES);
}

export interface SealRequestOptions {
  /** X25519 key of the enclave, 32 bytes: of evidence that was verified. */
  readonly encryptionKey: Uint8Array;
  /** Account that the enclave signs with, 20 bytes. */
  readonly signerAddress: Uint8Array;
  /** Where the response is sealed to, 32 bytes: its secret is kept until then, and used once. */
  readonly responseKey: Uint8Array;
  /** Fields that who routes the request may change: nothing of them can be trusted. */
  readonly unbound?: readonly string[];
  readonly random: RandomBytes;
  readonly x25519: X25519;
}

/** An envelope, and what a signature over the exchange covers of it. */
export interface SealedEnvelope {
  readonly envelope: JsonObject;
  readonly aad: Uint8Array;
  readonly ciphertext: Uint8Array;
}

/**
 * Seals a request.
 *
 * @param body as it would be sent in the clear
 * @throws INVALID_ARGUMENT when it has no prompt, or is sealed already; SEALED
 */
export async function sealRequest(body: JsonObject, options: SealRequestOptions): Promise<SealedEnvelope> {
  const sealed = SEALED.filter((name) => Object.hasOwn(body, name));
  if (!sealed.includes('messages') && !sealed.includes('input')) {
    throw new PerigeeError('INVALID_ARGUMENT', 'the request has neither messages nor an input that could be sealed');
  }
  if (Object.hasOwn(body, ENVELOPE)) throw new PerigeeError('INVALID_ARGUMENT', 'the request is sealed already');
  const { encryptionKey, signerAddress, responseKey, unbound = [], random, x25519 } = options;
  const { enc, context } = await setupSender(encryptionKey, SEAL_INFO, random(32), x25519);
  const metadata = {
    v: ENVELOPE_VERSION,
    kem_id: KEM_ID,
    key_id: toBase64Url(keyIdOf(encryptionKey)),
    signer_addr: `0x${toHex(signerAddress)}`,
    client_eph_pub: toBase64Url(responseKey),
    enc: toBase64Url(enc),
    sealed_fields: sealed,
    ...(unbound.length === 0 ? {} : { unbound_fields: unbound }),
  };
  unboundOf(metadata);
  const clear: JsonObject = { ...without(body, sealed), [ENVELOPE]: metadata };
  const plain = Object.fromEntries(sealed.map((name) => [name, body[name] ?? null]));
  const aad = aadOf(clear);
  const ciphertext = context.seal(aad, utf8(JSON.stringify(plain)));
  return { envelope: { ...clear, [ENVELOPE]: { ...metadata, ciphertext: toBase64Url(ciphertext) } }, aad, ciphertext };
}

/** Whether a body says that it is sealed: it is then never taken as one in the clear. */
export function isSealed(body: JsonObject): boolean {
  return Object.hasOwn(body, ENVELOPE);
}

export interface OpenRequestOptions {
  /** Keys of the enclave that are in use: the newest, and one that it replaced. */
  readonly keys: readonly {
    readonly publicKey: Uint8Array;
    readonly secret: Uint8Array;
    /** Of the signer that it goes with, where that is another than `signerAddress`. */
    readonly signerAddress?: Uint8Array;
  }[];
  readonly signerAddress: Uint8Array;
  readonly x25519: X25519;
}

export interface OpenedRequest extends SealedEnvelope {
  /** As it was before it was sealed. */
  readonly body: JsonObject;
  /** Where the response is sealed to, 32 bytes. */
  readonly responseKey: Uint8Array;
}

/**
 * Opens a sealed request, in the enclave.
 *
 * @param required fields that must have been sealed, by endpoint: a client that leaves its prompt in the clear is told so
 * @throws SEALED
 */
export async function openRequest(
  envelope: JsonObject,
  { keys, signerAddress, x25519 }: OpenRequestOptions,
  required: readonly string[],
): Promise<OpenedRequest> {
  const refuse = (words: string): never => {
    throw new PerigeeError('SEALED', words);
  };
  const metadata = metadataOf(envelope);
  if (metadata.v !== ENVELOPE_VERSION) refuse(`the envelope has version ${String(metadata.v)}, not ${ENVELOPE_VERSION}`);
  if (metadata.kem_id !== KEM_ID) refuse(`the envelope is sealed with another algorithm than ${KEM_ID}`);
  const keyId = fromBase64Url(metadata.key_id, 'key_id', KEY_ID_BYTES);
  const key = keys.find(({ publicKey }) => equal(keyIdOf(publicKey), keyId));
  if (key === undefined)
    throw new PerigeeError('SEALED', 'the request is sealed to a key that is not in use: read the evidence again');
  if (!isAddress(metadata.signer_addr, key.signerAddress ?? signerAddress)) refuse('the request is for another signer');
  const missing = required.find((name) => !namesOf(metadata.sealed_fields, 'sealed_fields').includes(name));
  if (missing !== undefined) refuse(`"${missing}" is not sealed`);
  const responseKey = fromBase64Url(metadata.client_eph_pub, 'client_eph_pub', PUBLIC_KEY_BYTES);
  const enc = fromBase64Url(metadata.enc, 'enc', PUBLIC_KEY_BYTES);
  const ciphertext = fromBase64Url(metadata.ciphertext, 'ciphertext');
  const context = await setupRecipient(enc, key.secret, SEAL_INFO, x25519);
  const body = openFields(envelope, ciphertext, context);
  return { envelope, aad: aadOf(envelope), ciphertext, body, responseKey };
}

function isAddress(value: unknown, address: Uint8Array): boolean {
  return typeof value === 'string' && /^0x[0-9a-fA-F]{40}$/.test(value) && equal(fromHex(value, 20), address);
}
