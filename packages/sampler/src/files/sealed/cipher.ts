import {
  formatSealedHeader,
  recordNonce,
  recordsOf,
  type SealedHeader,
  type SealedRecord,
  streamCounter,
} from '@perigee/light-core/sealed';
import { concat, PerigeeError, u64be } from '@perigee/wire';

const BLOCK = 16;

/** The cipher of one encrypted file, by WebCrypto. */
export class FileCipher {
  readonly header: SealedHeader;
  readonly #key: Promise<CryptoKey>;
  readonly #bytes: Uint8Array;

  /** @param key 32 bytes */
  constructor(header: SealedHeader, key: Uint8Array) {
    this.header = header;
    this.#bytes = formatSealedHeader(header);
    const name = header.version === 3 ? 'AES-GCM' : 'AES-CTR';
    this.#key = crypto.subtle.importKey('raw', new Uint8Array(key), name, false, ['encrypt', 'decrypt']);
    this.#key.catch(() => {}); // whoever uses it hears it
  }

  /** Versions 1 and 2: the same both ways. @param at where the bytes lie in the content */
  async stream(at: number, bytes: Uint8Array): Promise<Uint8Array> {
    const { header } = this;
    if (header.version === 3) throw new PerigeeError('INTERNAL', 'a file of version 3 is no stream');
    const skip = at % BLOCK;
    const padded = new Uint8Array(skip + bytes.length);
    padded.set(bytes, skip);
    const counter = new Uint8Array(streamCounter(header.nonce, at - skip));
    const out = await crypto.subtle.encrypt({ name: 'AES-CTR', counter, length: 128 }, await this.#key, padded);
    return new Uint8Array(out, skip);
  }

  /** Version 3: a record with its tag. */
  async seal({ index }: SealedRecord, content: Uint8Array): Promise<Uint8Array> {
    const out = await crypto.subtle.encrypt(this.#gcm(index), await this.#key, new Uint8Array(content));
    return new Uint8Array(out);
  }

  /** Version 3. @throws SEALED when the record is not what was sealed at this place of this file */
  async open({ index }: SealedRecord, sealed: Uint8Array): Promise<Uint8Array> {
    try {
      return new Uint8Array(await crypto.subtle.decrypt(this.#gcm(index), await this.#key, new Uint8Array(sealed)));
    } catch (cause) {
      throw new PerigeeError('SEALED', `part ${index} of the encrypted file is not what was encrypted there`, { cause });
    }
  }

  /** Version 3: records that a range of the content is in. */
  records(from: number, to: number): SealedRecord[] {
    if (this.header.version !== 3) throw new PerigeeError('INTERNAL', 'only a file of version 3 has records');
    return recordsOf(this.header, from, to);
  }

  /** The header says how long the content is, so index and length are bound to each record. */
  #gcm(index: number): AesGcmParams {
    const additionalData = new Uint8Array(concat(this.#bytes, u64be(index)));
    return { name: 'AES-GCM', iv: new Uint8Array(recordNonce(index)), additionalData };
  }
}
