import { concat, message, proto, uvarint } from '@perigee/wire';
import { defineProtocol } from '../src/index.ts';

/** Asks for `count` answers of `size` bytes; `mode` names the odd ones. */
export const Ask = message('Ask', { count: [1, proto.uint32()], size: [2, proto.uint32()], mode: [3, proto.string(64)] });
export const Echo = message('Echo', { index: [1, proto.uint32()], data: [2, proto.bytesView(1 << 20)] });

export const echoProtocol = defineProtocol({
  id: '/test/echo/1',
  request: Ask,
  answer: Echo,
  maxRequestBytes: 256,
  maxAnswerBytes: (1 << 20) + 64,
});

/** Answered with what no honest server sends. */
export const GARBAGE = '/test/garbage/1';

export function frame(body: Uint8Array): Uint8Array {
  return concat(uvarint(body.length), body);
}
