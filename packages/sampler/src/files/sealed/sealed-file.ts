import {
  agreeWith,
  type FileSecret,
  fileKeyOf,
  MAX_SEALED_HEADER_BYTES,
  parseSealedHeader,
  plainLengthOf,
  sealedCheckOf,
  sealedHeaderBytes,
} from '@perigee/light-core/sealed';
import { equal, FILE_SEGMENT_BYTES, PerigeeError } from '@perigee/wire';
import { type ByteRange, checkRange } from '../get/read-range.ts';
import { FileCipher } from './cipher.ts';

/** Bytes of a stored file, in order, in pieces that end where segments do. */
export type ReadStored = (range: ByteRange) => AsyncIterable<Uint8Array>;

/** An encrypted file that can be read. */
export class SealedFile {
  /** Of the content, bytes. */
  readonly length: number;
  readonly #cipher: FileCipher;
  readonly #read: ReadStored;

  private constructor(cipher: FileCipher, length: number, read: ReadStored) {
    this.#cipher = cipher;
    this.length = length;
    this.#read = read;
  }

  /** A change by whoever chose the stored bytes would be refused: only so in version 3, which a changed first byte hides. */
  get authenticated(): boolean {
    return this.#cipher.header.version === 3;
  }

  /**
   * @param stored length of the stored file, bytes
   * @throws SEALED when it is not encrypted, or the secret is a wrong one: of versions 1 and 2 nothing shows the latter
   */
  static async open(stored: number, read: ReadStored, secret: FileSecret): Promise<SealedFile> {
    const header = parseSealedHeader(await joined(read({ from: 0, to: Math.min(stored, MAX_SEALED_HEADER_BYTES) })));
    const length = plainLengthOf(header, stored);
    const agreed = agreeWith(header, secret);
    if (header.version === 3 && !equal(header.check, sealedCheckOf(header.salt, agreed))) {
      throw new PerigeeError('SEALED', 'this file is encrypted under another key');
    }
    return new SealedFile(new FileCipher(header, fileKeyOf(header, agreed)), length, read);
  }

  /** Bytes of the content, in order; of what is stored only the segments that they are in are read. @throws SEALED, INVALID_ARGUMENT, and what reading throws */
  async *read(range: ByteRange): AsyncGenerator<Uint8Array, void, undefined> {
    checkRange(range, this.length);
    const { from, to } = range;
    if (from === to) return;
    const { header } = this.#cipher;
    const start = sealedHeaderBytes(header);
    if (header.version !== 3) {
      let at = from;
      for await (const piece of this.#read({ from: start + from, to: start + to })) {
        yield await this.#cipher.stream(at, piece);
        at += piece.length;
      }
      return;
    }
    const records = this.#cipher.records(from, to);
    const [first, last] = [records[0], records.at(-1)];
    if (first === undefined || last === undefined) return;
    const pieces = inSegments(this.#read({ from: first.storedFrom, to: last.storedTo }), first.storedFrom);
    for (const record of records) {
      const sealed = await pieces.next();
      if (sealed.done) throw new PerigeeError('INTERNAL', 'an encrypted file ended before its end');
      const content = await this.#cipher.open(record, sealed.value);
      yield content.subarray(Math.max(0, from - record.from), Math.min(content.length, to - record.from));
    }
  }
}

/** Pieces put together to what lies in one segment each. */
async function* inSegments(pieces: AsyncIterable<Uint8Array>, from: number): AsyncGenerator<Uint8Array, void, undefined> {
  let at = from;
  let held = new Uint8Array(FILE_SEGMENT_BYTES);
  let count = 0;
  for await (const piece of pieces) {
    for (let done = 0; done < piece.length; ) {
      const room = FILE_SEGMENT_BYTES - (at % FILE_SEGMENT_BYTES);
      const part = piece.subarray(done, done + room);
      held.set(part, count);
      count += part.length;
      at += part.length;
      done += part.length;
      if (at % FILE_SEGMENT_BYTES !== 0) continue;
      yield held.subarray(0, count);
      held = new Uint8Array(FILE_SEGMENT_BYTES);
      count = 0;
    }
  }
  if (count > 0) yield held.subarray(0, count);
}

async function joined(pieces: AsyncIterable<Uint8Array>): Promise<Uint8Array> {
  const all: number[] = [];
  for await (const piece of pieces) all.push(...piece); // a header: a hundred bytes
  return Uint8Array.from(all);
}
