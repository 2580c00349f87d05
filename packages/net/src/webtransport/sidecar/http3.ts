import { concat, MAX_WEBTRANSPORT_REQUEST_BYTES, PerigeeError } from '@perigee/wire';
import type { QuicConn, QuicStream } from './deno.ts';

// As little of HTTP/3 (RFC 9114) and WebTransport over it (draft-ietf-webtrans-http3) as a server of one session needs. Deno's own server keeps whatever a request
// sends until it makes sense, and does not notice that a session was closed.

const FRAME_HEADERS = 0x01;
/** Begins a stream of a session, before the session's number. */
const BIDIRECTIONAL = 0x41;

/** The control stream: its type 0x00, and SETTINGS. */
const CONTROL = concat(
  varint(0x00),
  frame(
    0x04,
    varint(0x08), // ENABLE_CONNECT_PROTOCOL
    varint(1),
    varint(0x33), // H3_DATAGRAM, which WebTransport requires
    varint(1),
    varint(0xffd277), // the same, in drafts
    varint(1),
    varint(0x2b603742), // ENABLE_WEBTRANSPORT of draft 2
    varint(1),
    varint(0xc671706a), // WEBTRANSPORT_MAX_SESSIONS of draft 7
    varint(1),
  ),
);

/** `:status: 200`, which is entry 25 of QPACK's static table, and a literal that clients of draft 2 look for. */
const ACCEPTED = frame(FRAME_HEADERS, Uint8Array.of(0, 0, 0xc0 | 25), literal('sec-webtransport-http3-draft', 'draft02'));

/** A session of a connection, which lasts as long as its request does. */
export interface Session {
  /** What begins each stream that is opened in it. */
  readonly prefix: Uint8Array;
  /** Resolves when the peer ended it. */
  readonly ended: Promise<void>;
  /** Streams that must not be collected: that would close them, and the session with them. */
  readonly held: readonly unknown[];
}

/**
 * Answers the first request of a connection, whatever it asks for: there is one thing here to ask for, and who is allowed to is decided by Noise, on the first
 * stream.
 *
 * @param streams those that the peer opens
 * @throws PARSE, FRAME_TOO_LARGE, STREAM_CLOSED, and what Deno throws when the connection ends
 */
export async function acceptSession(conn: QuicConn, streams: ReadableStreamDefaultReader<QuicStream>): Promise<Session> {
  const control = (await conn.createUnidirectionalStream()).getWriter();
  await control.write(CONTROL);
  const { value: request } = await streams.read();
  if (request === undefined) throw new PerigeeError('STREAM_CLOSED', 'the connection ended before its request');
  const reader = request.readable.getReader();
  await readRequest(reader);
  const writer = request.writable.getWriter();
  writer.closed.catch(() => {});
  await writer.write(ACCEPTED);
  return {
    prefix: concat(varint(BIDIRECTIONAL), varint(Number(request.readable.id))),
    ended: drain(reader),
    held: [control, writer],
  };
}

/** Reads the HEADERS frame, and looks no further. */
async function readRequest(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  let bytes: Uint8Array = new Uint8Array(0);
  for (;;) {
    const type = readVarint(bytes, 0);
    if (type !== undefined && type.value !== FRAME_HEADERS)
      throw new PerigeeError('PARSE', `a request begins with frame ${type.value}`);
    const length = type && readVarint(bytes, type.end);
    if (length !== undefined) {
      if (length.value > MAX_WEBTRANSPORT_REQUEST_BYTES)
        throw new PerigeeError('FRAME_TOO_LARGE', `a request has ${length.value} bytes`);
      if (bytes.length >= length.end + length.value) return;
    }
    bytes = concat(bytes, await readChunk(reader));
  }
}

/** What comes after the prefix of a session in the first bytes of a stream; `undefined` while it is not complete. @throws PARSE */
export function afterPrefix(bytes: Uint8Array, prefix: Uint8Array): Uint8Array | undefined {
  if (bytes.subarray(0, prefix.length).some((byte, i) => byte !== prefix[i])) {
    throw new PerigeeError('PARSE', 'a stream belongs to no session');
  }
  return bytes.length < prefix.length ? undefined : bytes.subarray(prefix.length);
}

/** @throws STREAM_CLOSED at the end of the stream */
export async function readChunk(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<Uint8Array> {
  const { value } = await reader.read();
  if (value === undefined) throw new PerigeeError('STREAM_CLOSED', 'a stream ended before it had begun');
  return value;
}

async function drain(reader: ReadableStreamDefaultReader<Uint8Array>): Promise<void> {
  try {
    while (!(await reader.read()).done);
  } catch {
    // reset, which ends the session too
  }
}

function frame(type: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const body = concat(...parts);
  return concat(varint(type), varint(body.length), body);
}

/** A QPACK field line with a literal name (RFC 9204 §4.5.6), neither in Huffman's code. */
function literal(name: string, value: string): Uint8Array {
  const low = 7; // largest number that the first byte's three bits cannot hold
  const text = new TextEncoder();
  return concat(Uint8Array.of(0x20 | low, name.length - low), text.encode(name), Uint8Array.of(value.length), text.encode(value));
}

/** Of QUIC (RFC 9000 §16), below 2^30 or of 8 bytes. */
export function varint(value: number): Uint8Array {
  if (value < 0x40) return Uint8Array.of(value);
  if (value < 0x4000) return Uint8Array.of(0x40 | (value >> 8), value & 0xff);
  const bytes = new Uint8Array(value < 0x40000000 ? 4 : 8);
  const view = new DataView(bytes.buffer);
  if (bytes.length === 4) view.setUint32(0, (0x80000000 | value) >>> 0);
  else view.setBigUint64(0, (0xc0n << 56n) | BigInt(value));
  return bytes;
}

/** @returns the number and where it ends; `undefined` while it is not complete. One above 2^53 comes out rounded. */
function readVarint(bytes: Uint8Array, offset: number): { readonly value: number; readonly end: number } | undefined {
  const first = bytes[offset];
  if (first === undefined) return undefined;
  const length = 1 << (first >> 6);
  if (bytes.length < offset + length) return undefined;
  let value = first & 0x3f;
  for (let i = 1; i < length; i++) value = value * 256 + (bytes[offset + i] as number);
  return { value, end: offset + length };
}
