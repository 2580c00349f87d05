import { BRIDGE_WINDOW_BYTES, concat, fromHex, MAX_BRIDGE_FRAME_BYTES, toHex } from '@perigee/wire';
import { expect, test } from 'vitest';
import stored from '../../../../tests/vectors/webtransport-bridge.json' with { type: 'json' };
import {
  BRIDGE_VERSION,
  type BridgeFrame,
  encodeFrame,
  encodeHello,
  FrameDecoder,
  readHello,
} from '../../src/webtransport/bridge.ts';
import { afterPrefix, varint } from '../../src/webtransport/sidecar/http3.ts';

const FRAMES: readonly BridgeFrame[] = [
  { type: 'hello', stream: 0, payload: new TextEncoder().encode(JSON.stringify({ version: 1, host: '::1', port: 4 })) },
  { type: 'open', stream: 2 },
  { type: 'data', stream: 2, payload: Uint8Array.of(1, 2, 3) },
  { type: 'fin', stream: 2 },
  { type: 'stop', stream: 0xffffffff },
  { type: 'reset', stream: 1 },
  { type: 'credit', stream: 1, bytes: BRIDGE_WINDOW_BYTES },
];

const decode = (...chunks: readonly Uint8Array[]): BridgeFrame[] => {
  const decoder = new FrameDecoder();
  return chunks.flatMap((chunk) => [...decoder.push(chunk)]);
};

test('version 1 is what is stored', () => {
  expect(stored.version).toBe(BRIDGE_VERSION);
  expect(FRAMES.map((frame) => toHex(encodeFrame(frame)))).toEqual(stored.frames);
  expect(decode(...stored.frames.map((hex) => fromHex(hex)))).toEqual(FRAMES);
  expect(readHello(FRAMES[0] as BridgeFrame)).toEqual({ version: 1, host: '::1', port: 4 });
});

test('frames come out however their bytes are cut', () => {
  const bytes = concat(...FRAMES.map(encodeFrame));
  for (let size = 1; size < bytes.length; size++) {
    const chunks = Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) => bytes.subarray(i * size, (i + 1) * size));
    expect(decode(...chunks)).toEqual(FRAMES);
  }
});

test('what is no frame is refused, before anything is held for it', () => {
  const header = (type: number, value: number) =>
    fromHex(`${toHex(Uint8Array.of(type))}00000002${value.toString(16).padStart(8, '0')}`);
  for (const type of [0, 8, 255]) expect(() => decode(header(type, 0))).toThrow('there is no frame');
  expect(() => decode(header(3, MAX_BRIDGE_FRAME_BYTES + 1))).toThrow('a frame has');
  expect(() => decode(header(1, 0xffffffff))).toThrow('a frame has');
  for (const type of [2, 4, 5, 6]) expect(() => decode(header(type, 1))).toThrow('has no payload');
});

test('a greeting of another version, or of none, is refused', () => {
  const [other] = decode(encodeHello({ version: 2, host: '::1', port: 4 }));
  expect(() => readHello(other as BridgeFrame)).toThrow('version 2');
  for (const text of ['', 'null', '{}', '{"version":1}', '{"version":1,"host":4,"port":4}']) {
    expect(() => readHello({ type: 'hello', stream: 0, payload: new TextEncoder().encode(text) })).toThrow();
  }
  expect(() => readHello({ type: 'open', stream: 0 })).toThrow('begins with open');
});

test('a stream of a session begins with its type and the number of the session', () => {
  const prefix = concat(varint(0x41), varint(0));
  expect(toHex(prefix)).toBe('404100');
  expect(afterPrefix(fromHex('4041'), prefix)).toBeUndefined();
  expect(afterPrefix(fromHex('40410007'), prefix)).toEqual(Uint8Array.of(7));
  for (const wrong of ['41', '404104', '00']) expect(() => afterPrefix(fromHex(wrong), prefix)).toThrow('no session');
  expect(toHex(varint(0xffd277))).toBe('80ffd277'); // RFC 9000 §16: 2, 4 and 8 bytes
  expect(toHex(varint(0xc671706a))).toBe('c0000000c671706a');
});
