import type { IncomingMessage } from 'node:http';
import {
  HTTP_BODY_MS,
  HTTP_BODY_WAIT_MS,
  MAX_HTTP_BODY_BYTES,
  MIN_HTTP_BODY_BYTES_PER_SECOND,
  PerigeeError,
  SMALL_HTTP_BODY_BYTES,
} from '@perigee/wire';
import { eitherSignal } from '../abort.ts';
import { HttpError } from './http-error.ts';
import type { Room } from './room.ts';

/** A body, and what gives its memory back. */
export interface Body {
  readonly bytes: Buffer;
  release(): void;
}

/**
 * Read the body of a request. What it says that it has is given room first, and it gets no more.
 *
 * @param owner whose part of the room it takes
 * @throws HttpError 408, 411, 413, 503; ABORTED
 */
export async function readBody(
  request: IncomingMessage,
  room: Room,
  owner: string,
  signal: AbortSignal,
  maxBytes = MAX_HTTP_BODY_BYTES,
): Promise<Body> {
  const length = lengthOf(request, maxBytes);
  const release = length > SMALL_HTTP_BODY_BYTES ? await take(room, length, owner, signal) : () => {};
  try {
    return { bytes: await receive(request, length, signal), release };
  } catch (error) {
    release();
    throw error;
  }
}

/** @throws HttpError 411, 413 */
function lengthOf({ headers }: IncomingMessage, maxBytes: number): number {
  const text = headers['content-length'];
  if (text === undefined) {
    // without a length: as much as is read without asking for room
    if (headers['transfer-encoding'] !== undefined) return SMALL_HTTP_BODY_BYTES;
    throw new HttpError(411, 'a request with a body names its length');
  }
  const length = Number(text);
  if (length > maxBytes) throw new HttpError(413, `a request has at most ${maxBytes} bytes, not ${length}`);
  return length;
}

async function take(room: Room, bytes: number, owner: string, signal: AbortSignal): Promise<() => void> {
  const patience = AbortSignal.timeout(HTTP_BODY_WAIT_MS);
  try {
    return await room.take(bytes, owner, eitherSignal(signal, patience));
  } catch (error) {
    if (signal.aborted || !patience.aborted) throw error;
    throw new HttpError(503, 'too many requests are in memory; come again in a moment');
  }
}

function receive(request: IncomingMessage, length: number, signal: AbortSignal): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let bytes = 0;
    const ms = HTTP_BODY_MS + (1_000 * length) / MIN_HTTP_BODY_BYTES_PER_SECOND;
    const timer = setTimeout(() => end(new HttpError(408, `the body did not come in ${Math.round(ms)} ms`)), ms);
    const onData = (chunk: Buffer): void => {
      bytes += chunk.length;
      if (bytes > length) end(new HttpError(411, `a body of more than ${length} bytes names its length`));
      else chunks.push(chunk);
    };
    const onEnd = (): void => end();
    const onAbort = (): void => end(new PerigeeError('ABORTED', 'the request was broken off'));
    const end = (error?: Error): void => {
      clearTimeout(timer);
      request.off('data', onData).off('end', onEnd).off('error', onAbort);
      signal.removeEventListener('abort', onAbort);
      if (error === undefined) resolve(Buffer.concat(chunks));
      else reject(error);
      request.pause();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    if (signal.aborted) onAbort();
    else request.on('data', onData).on('end', onEnd).on('error', onAbort);
  });
}
