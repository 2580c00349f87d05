/** Responses that only who asked can read (`0g-pc/v1`): what is billed by stays readable, and cannot be changed. */
import { MAX_SEALED_ANSWER_TOKENS, PerigeeError, utf8 } from '@perigee/wire';
import type { RandomBytes } from '../roles/index.ts';
import { aadOf, ENVELOPE, ENVELOPE_VERSION, metadataOf, openFields, unboundOf } from './envelope.ts';
import { type HpkeContext, setupRecipient, setupSender } from './hpke.ts';
import { fromBase64Url, type JsonObject, toBase64Url, without } from './json.ts';
import type { SealedEnvelope } from './request.ts';
import type { X25519 } from './x25519.ts';

const RESPONSE_INFO = /* @__PURE__ */ utf8('0g-pc/v1/resp');

/** Seals the frames of one response, in their order. */
export class ResponseSealer {
  readonly #context: HpkeContext;
  readonly #enc: string;
  #isFirst = true;

  private constructor(enc: Uint8Array, context: HpkeContext) {
    this.#enc = toBase64Url(enc);
    this.#context = context;
  }

  /** @param responseKey of the request @throws SEALED */
  static async to(responseKey: Uint8Array, random: RandomBytes, x25519: X25519): Promise<ResponseSealer> {
    const { enc, context } = await setupSender(responseKey, RESPONSE_INFO, random(32), x25519);
    return new ResponseSealer(enc, context);
  }

  /** @param fields that are sealed: `choices` of a conversation, `data` of embeddings */
  seal(frame: JsonObject, fields: readonly string[], final: boolean): SealedEnvelope {
    const metadata = {
      ...(this.#isFirst ? { v: ENVELOPE_VERSION, enc: this.#enc } : {}),
      sealed_fields: fields,
      final,
    };
    this.#isFirst = false;
    const clear: JsonObject = { ...without(frame, fields), [ENVELOPE]: metadata };
    const plain = Object.fromEntries(fields.map((name) => [name, frame[name] ?? null]));
    const aad = aadOf(clear);
    const ciphertext = this.#context.seal(aad, utf8(JSON.stringify(plain)));
    return { envelope: { ...clear, [ENVELOPE]: { ...metadata, ciphertext: toBase64Url(ciphertext) } }, aad, ciphertext };
  }
}

/** Opens the frames of one response, in their order. */
export class ResponseOpener {
  readonly #secret: Uint8Array;
  readonly #x25519: X25519;
  #context: HpkeContext | undefined;
  #isFinal = false;

  /** @param secret of the request's responseKey, 32 bytes */
  constructor(secret: Uint8Array, x25519: X25519) {
    this.#secret = secret;
    this.#x25519 = x25519;
  }

  /** Whether the frame came without which a response is cut off. */
  get isFinal(): boolean {
    return this.#isFinal;
  }

  /**
   * @returns the frame as it was before it was sealed
   * @throws SEALED when anything of it was changed, it is not the next, or it comes after the last
   */
  async open(envelope: JsonObject): Promise<SealedEnvelope & { readonly frame: JsonObject }> {
    if (this.#isFinal) throw new PerigeeError('SEALED', 'the response goes on after its last frame');
    const metadata = metadataOf(envelope);
    if (this.#context === undefined) {
      if (metadata.v !== ENVELOPE_VERSION)
        throw new PerigeeError('SEALED', `a response of version ${String(metadata.v)} is not known`);
      this.#context = await setupRecipient(fromBase64Url(metadata.enc, 'enc', 32), this.#secret, RESPONSE_INFO, this.#x25519);
    }
    // what is billed by must be what the enclave wrote
    if (unboundOf(metadata).includes('usage'))
      throw new PerigeeError('SEALED', '"usage" of the response could be changed by anyone');
    const ciphertext = fromBase64Url(metadata.ciphertext, 'ciphertext');
    const frame = openFields(envelope, ciphertext, this.#context, MAX_SEALED_ANSWER_TOKENS);
    this.#isFinal = metadata.final === true;
    return { envelope, aad: aadOf(envelope), ciphertext, frame };
  }
}
