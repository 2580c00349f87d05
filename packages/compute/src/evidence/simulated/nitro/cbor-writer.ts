import { concat, u8, u16le, u32be, u64be, utf8 } from '@perigee/wire';

/** A value that CBOR (RFC 8949) can hold; a `raw` one is bytes that are CBOR already, well formed or not. */
export type CborValue =
  | number
  | string
  | boolean
  | null
  | Uint8Array
  | readonly CborValue[]
  | ReadonlyMap<number | string, CborValue>
  | { readonly raw: Uint8Array };

/** Deterministic encoding but for the order of maps, which is the caller's: AWS keeps its own. */
export function cbor(value: CborValue): Uint8Array {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return concat(head(3, utf8(value).length), utf8(value));
  if (value === null) return u8(0xf6);
  if (typeof value === 'boolean') return u8(value ? 0xf5 : 0xf4);
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  if (value instanceof Map) return concat(head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)]));
  if ('raw' in value) return value.raw;
  const items = value as readonly CborValue[];
  return concat(head(4, items.length), ...items.map(cbor));
}

function head(major: number, length: number): Uint8Array {
  const first = major << 5;
  if (length < 24) return u8(first | length);
  if (length < 0x100) return concat(u8(first | 24), u8(length));
  if (length < 0x10000) return concat(u8(first | 25), u16le(length).reverse());
  if (length < 0x100000000) return concat(u8(first | 26), u32be(length));
  return concat(u8(first | 27), u64be(length));
}
