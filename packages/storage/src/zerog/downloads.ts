import { type HttpRequest, type HttpStream, Room, readRange } from '@perigee/net/http';
import { MAX_HTTP_DOWNLOADS, MAX_HTTP_DOWNLOADS_PER_ADDRESS, type StoredFile } from '@perigee/wire';
import { verifiedPieces } from './verified-pieces.ts';
import type { VerifiedSegments } from './verified-segments.ts';

/** Of the name of a file, in its answer's headers. */
const MAX_NAME_CHARACTERS = 120;

/** Bytes that are given under a name. */
export interface Download {
  /** Where they are stored; nowhere, when there are none. */
  readonly file: StoredFile | undefined;
  /** Where they begin in it. */
  readonly offset: number;
  readonly length: number;
  readonly name: string;
  /** Of these bytes and no others. */
  readonly etag: string;
}

/** Sends files and ranges of them, as attachments: nothing that is stored becomes a page. */
export class Downloads {
  readonly #segments: VerifiedSegments;
  readonly #room = new Room({ total: MAX_HTTP_DOWNLOADS, perOwner: MAX_HTTP_DOWNLOADS_PER_ADDRESS });

  constructor(segments: VerifiedSegments) {
    this.#segments = segments;
  }

  /** @throws HttpError 416, Refusal, ABORTED */
  async stream(download: Download, { headers, method, address, signal }: HttpRequest): Promise<HttpStream> {
    const { file, offset, length, name, etag } = download;
    const isSame = headers['if-range'] === undefined || headers['if-range'] === etag;
    const part = isSame ? readRange(headers.range, length) : undefined;
    const { start, end } = part ?? { start: 0, end: length };
    const isEmpty = method === 'HEAD' || file === undefined;
    const leave = isEmpty ? () => {} : await this.#room.take(1, address, signal);
    const pieces = isEmpty
      ? nothing()
      : verifiedPieces(this.#segments, file, { start: offset + start, end: offset + end }, signal);
    // the first piece before the first header: what cannot be had at all is said in words
    const first = await pieces.next().catch((error: unknown) => {
      leave();
      throw error;
    });
    return {
      end: leave,
      status: part === undefined ? 200 : 206,
      headers: {
        'Content-Type': 'application/octet-stream',
        'Content-Length': String(end - start),
        'Content-Disposition': dispositionOf(name),
        'Accept-Ranges': 'bytes',
        'Cache-Control': 'no-cache',
        ETag: etag,
        ...(part === undefined ? {} : { 'Content-Range': `bytes ${start}-${end - 1}/${length}` }),
      },
      pieces: after(first, pieces),
    };
  }
}

async function* nothing(): AsyncGenerator<Uint8Array, void, undefined> {}

async function* after(
  first: IteratorResult<Uint8Array, void>,
  rest: AsyncGenerator<Uint8Array, void, undefined>,
): AsyncGenerator<Uint8Array, void, undefined> {
  if (first.done) return;
  yield first.value;
  yield* rest;
}

/** A name in both forms that browsers read (RFC 6266); whatever is in it, it stays a name. */
function dispositionOf(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9._ -]/g, '_').slice(0, MAX_NAME_CHARACTERS);
  const short = [...name].slice(0, MAX_NAME_CHARACTERS).join('');
  const encoded = encodeURIComponent(short).replace(/['()*!]/g, (one) => `%${one.charCodeAt(0).toString(16)}`);
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}
