import { concat, MAX_BRIDGE_FRAME_BYTES, PerigeeError } from '@perigee/wire';

/** Of what is said between the node and the process that terminates QUIC. Both are of one build; a process of another is told by this. */
export const BRIDGE_VERSION = 1;

/**
 * What travels on a socket, which stands for one session. Its streams have numbers: even ones were opened by the peer, odd ones by the node.
 *
 * - `hello`, first and once: who the peer is, as JSON
 * - `open`: a stream begins
 * - `data`, and `credit` for as many bytes as were taken, so that BRIDGE_WINDOW_BYTES are under way at most
 * - `fin`: no more data; `stop`: no more data is wanted; `reset`: the stream is over both ways
 */
export type BridgeFrame =
  | { readonly type: 'hello' | 'data'; readonly stream: number; readonly payload: Uint8Array }
  | { readonly type: 'open' | 'fin' | 'stop' | 'reset'; readonly stream: number }
  | { readonly type: 'credit'; readonly stream: number; readonly bytes: number };

/** By number, from 1. A new one is added at the end. */
const TYPES = ['hello', 'open', 'data', 'fin', 'stop', 'reset', 'credit'] as const;
/** u8 type, u32 stream, u32 length of the payload or bytes of credit; big-endian. */
const HEADER_BYTES = 9;

export function encodeFrame(frame: BridgeFrame): Uint8Array {
  const payload = 'payload' in frame ? frame.payload : undefined;
  const bytes = new Uint8Array(HEADER_BYTES + (payload?.length ?? 0));
  const view = new DataView(bytes.buffer);
  view.setUint8(0, TYPES.indexOf(frame.type) + 1);
  view.setUint32(1, frame.stream);
  view.setUint32(5, payload?.length ?? ('bytes' in frame ? frame.bytes : 0));
  if (payload !== undefined) bytes.set(payload, HEADER_BYTES);
  return bytes;
}

/** Takes frames out of bytes as they come. */
export class FrameDecoder {
  #held: Uint8Array = new Uint8Array(0);

  /**
   * The frames that are complete with `chunk`. Payloads are views of it.
   *
   * @throws PARSE for a type that there is not, FRAME_TOO_LARGE before anything is held for it
   */
  *push(chunk: Uint8Array): Generator<BridgeFrame, void, undefined> {
    let rest = this.#held.length === 0 ? chunk : concat(this.#held, chunk);
    for (;;) {
      const frame = readFrame(rest);
      if (frame === undefined) break;
      rest = rest.subarray(frame.length);
      this.#held = rest;
      yield frame.frame;
    }
    this.#held = rest.slice();
  }
}

function readFrame(bytes: Uint8Array): { readonly frame: BridgeFrame; readonly length: number } | undefined {
  if (bytes.length < HEADER_BYTES) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, HEADER_BYTES);
  const type = TYPES[view.getUint8(0) - 1];
  const stream = view.getUint32(1);
  const value = view.getUint32(5);
  if (type === undefined) throw new PerigeeError('PARSE', `there is no frame of type ${view.getUint8(0)}`);
  if (type === 'credit') return { frame: { type, stream, bytes: value }, length: HEADER_BYTES };
  if (type === 'hello' || type === 'data') {
    if (value > MAX_BRIDGE_FRAME_BYTES) throw new PerigeeError('FRAME_TOO_LARGE', `a frame has ${value} bytes`);
    const length = HEADER_BYTES + value;
    return bytes.length < length ? undefined : { frame: { type, stream, payload: bytes.subarray(HEADER_BYTES, length) }, length };
  }
  if (value !== 0) throw new PerigeeError('PARSE', `a frame ${type} has no payload, and says ${value}`);
  return { frame: { type, stream }, length: HEADER_BYTES };
}

/** What `hello` says. */
export interface Hello {
  readonly version: number;
  /** IP address and UDP port of the peer. */
  readonly host: string;
  readonly port: number;
}

export function encodeHello(hello: Hello): Uint8Array {
  return encodeFrame({ type: 'hello', stream: 0, payload: new TextEncoder().encode(JSON.stringify(hello)) });
}

/** @throws PARSE, UNKNOWN_VERSION */
export function readHello(frame: BridgeFrame): Hello {
  if (frame.type !== 'hello') throw new PerigeeError('PARSE', `a session begins with ${frame.type}`);
  let hello: Partial<Hello> | null;
  try {
    hello = JSON.parse(new TextDecoder().decode(frame.payload)) as Partial<Hello> | null;
  } catch (cause) {
    throw new PerigeeError('PARSE', 'a session does not say from where it is', { cause });
  }
  if (hello?.version !== BRIDGE_VERSION) throw new PerigeeError('UNKNOWN_VERSION', `a session speaks version ${hello?.version}`);
  const { host, port } = hello;
  if (typeof host !== 'string' || typeof port !== 'number') throw new PerigeeError('PARSE', 'a session has no address');
  return { version: BRIDGE_VERSION, host, port };
}

/** What the node says to the process, a line of JSON each: first where to listen, then each certificate that takes the place of the one before. */
export type SidecarOrder =
  | {
      readonly version: number;
      readonly host: string;
      readonly port: number;
      /** Path of the unix socket of the node. */
      readonly socket: string;
      readonly certificate: PemPair;
    }
  | { readonly certificate: PemPair };

export interface PemPair {
  readonly pem: string;
  readonly privateKey: string;
}

/** What the process says to the node, a line of JSON each. */
export type SidecarReport = { readonly listening: true } | { readonly fault: string };
