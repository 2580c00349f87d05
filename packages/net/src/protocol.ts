import { MAX_FRAME_BYTES, type Message, PerigeeError } from '@perigee/wire';

/** Bytes that RequestFrame and AnswerFrame put around a body: three tags, a 5-byte id, a 4-byte length, a flag. */
const FRAME_OVERHEAD_BYTES = 32;
/** An answer frame always has room for a WireError. */
const MIN_ANSWER_BYTES = 1_024;

/** One protocol between two peers: a long-lived stream of requests, each with an id, and their answers. */
export interface Protocol<Request, Answer> {
  readonly id: string;
  readonly request: Message<Request>;
  readonly answer: Message<Answer>;
  /** Longest encoded request, bytes: what a server reads of a stranger. */
  readonly maxRequestBytes: number;
  /** Longest single encoded answer, bytes; a request may have many. */
  readonly maxAnswerBytes: number;
}

/** @throws INVALID_ARGUMENT when a bound does not fit into a frame */
export function defineProtocol<Request, Answer>(protocol: Protocol<Request, Answer>): Protocol<Request, Answer> {
  for (const bound of [protocol.maxRequestBytes, protocol.maxAnswerBytes]) {
    if (!Number.isInteger(bound) || bound < 0 || bound > MAX_FRAME_BYTES - FRAME_OVERHEAD_BYTES) {
      throw new PerigeeError(
        'INVALID_ARGUMENT',
        `${protocol.id}: a bound of ${bound} bytes does not fit into a frame of ${MAX_FRAME_BYTES}`,
      );
    }
  }
  return protocol;
}

/** Longest frame from the client, bytes. */
export function maxRequestFrameBytes(protocol: Protocol<unknown, unknown>): number {
  return protocol.maxRequestBytes + FRAME_OVERHEAD_BYTES;
}

/** Longest frame from the server, bytes. */
export function maxAnswerFrameBytes(protocol: Protocol<unknown, unknown>): number {
  return Math.max(protocol.maxAnswerBytes, MIN_ANSWER_BYTES) + FRAME_OVERHEAD_BYTES;
}
