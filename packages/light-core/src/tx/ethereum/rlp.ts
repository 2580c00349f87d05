/** RLP, strictly (Ethereum Yellow Paper, appendix B): one form for each value, nothing behind it. */
import { concat, fromHex, PerigeeError } from '@perigee/wire';

export type RlpItem = Uint8Array | readonly RlpItem[];

/** Lists in lists that are read: an access list, which must be empty, is one deep. */
const MAX_DEPTH = 4;
/** Values in one list: a transaction has twelve. A list of hundreds of thousands would cost more to read than to send. */
const MAX_ITEMS = 64;

/** @throws NOT_CANONICAL for a value that is not in its shortest form or has bytes behind it; PARSE when it is cut off */
export function decodeRlp(bytes: Uint8Array): RlpItem {
  const { item, end } = read(bytes, 0, 0);
  if (end !== bytes.length) throw new PerigeeError('NOT_CANONICAL', `${bytes.length - end} bytes follow the RLP value`);
  return item;
}

export function encodeRlp(item: RlpItem): Uint8Array {
  if (item instanceof Uint8Array) {
    const [only] = item;
    return item.length === 1 && only !== undefined && only < 0x80 ? item : concat(prefix(item.length, 0x80), item);
  }
  const content = concat(...item.map(encodeRlp));
  return concat(prefix(content.length, 0xc0), content);
}

/** An unsigned number as RLP has it: big-endian without leading zeros, none for 0. */
export function rlpNumber(value: bigint): Uint8Array {
  if (value === 0n) return new Uint8Array(0);
  const digits = value.toString(16);
  return fromHex(digits.length % 2 === 0 ? digits : `0${digits}`);
}

/** @throws NOT_CANONICAL when it has leading zeros; PARSE when it is a list or longer than `max` bytes */
export function numberOfRlp(item: RlpItem | undefined, max: number, name: string): bigint {
  const bytes = bytesOfRlp(item, name);
  if (bytes.length > max) throw new PerigeeError('PARSE', `${name} has ${bytes.length} bytes; at most ${max} are allowed`);
  if (bytes[0] === 0) throw new PerigeeError('NOT_CANONICAL', `${name} begins with a zero byte`);
  return bytes.reduce((value, byte) => (value << 8n) | BigInt(byte), 0n);
}

/** @throws PARSE when it is a list, or missing */
export function bytesOfRlp(item: RlpItem | undefined, name: string): Uint8Array {
  if (!(item instanceof Uint8Array)) throw new PerigeeError('PARSE', `${name} is not a string of bytes`);
  return item;
}

function prefix(length: number, base: number): Uint8Array {
  if (length <= 55) return Uint8Array.of(base + length);
  const digits = rlpNumber(BigInt(length));
  return concat(Uint8Array.of(base + 55 + digits.length), digits);
}

function read(bytes: Uint8Array, at: number, depth: number): { item: RlpItem; end: number } {
  const first = bytes[at];
  if (first === undefined) throw cutOff(bytes);
  if (first < 0x80) return { item: bytes.slice(at, at + 1), end: at + 1 };
  const list = first >= 0xc0;
  const { start, end } = extent(bytes, at, first - (list ? 0xc0 : 0x80));
  if (!list) {
    const item = bytes.slice(start, end);
    if (item.length === 1 && (item[0] ?? 0) < 0x80) throw new PerigeeError('NOT_CANONICAL', `byte ${at} needs no RLP length`);
    return { item, end };
  }
  if (depth >= MAX_DEPTH) throw new PerigeeError('PARSE', `RLP lists are nested more than ${MAX_DEPTH} deep`);
  const items: RlpItem[] = [];
  let next = start;
  while (next < end) {
    if (items.length >= MAX_ITEMS) throw new PerigeeError('PARSE', `an RLP list has more than ${MAX_ITEMS} values`);
    const inner = read(bytes.subarray(0, end), next, depth + 1);
    items.push(inner.item);
    next = inner.end;
  }
  return { item: items, end };
}

/** Where the content of a value lies. @param code first byte above that of its kind */
function extent(bytes: Uint8Array, at: number, code: number): { start: number; end: number } {
  let start = at + 1;
  let length = code;
  if (code > 55) {
    const digits = bytes.subarray(start, start + code - 55);
    // four bytes name more than any transaction has
    if (digits.length < code - 55 || digits.length > 4) throw cutOff(bytes);
    start += digits.length;
    length = digits.reduce((value, byte) => value * 256 + byte, 0);
    if (digits[0] === 0 || length <= 55)
      throw new PerigeeError('NOT_CANONICAL', `RLP length at byte ${at} is longer than it needs to be`);
  }
  if (start + length > bytes.length) throw cutOff(bytes);
  return { start, end: start + length };
}

function cutOff(bytes: Uint8Array): PerigeeError {
  return new PerigeeError('PARSE', `RLP is cut off at byte ${bytes.length}`);
}
