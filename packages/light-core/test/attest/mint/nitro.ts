import { concat, u8, u16le, u32be, u64be, utf8 } from '@perigee/wire';
import { COSE_ES384, coseSigned } from '../../../src/attest/nitro/cose.ts';
import { type CertificateFields, chainOf, type KeyPair, NOW, p384, signRaw } from './certificate.ts';

const PLACES = ['enclave', 'instance', 'zone', 'region', 'aws.nitro-enclaves'] as const;
const pairs = PLACES.map(() => p384()) as unknown as readonly [KeyPair, ...KeyPair[]];

export type CborValue = number | string | null | boolean | Uint8Array | readonly CborValue[] | ReadonlyMap<CborValue, CborValue>;

export function cbor(value: CborValue): Uint8Array {
  if (typeof value === 'number') return value >= 0 ? head(0, value) : head(1, -1 - value);
  if (typeof value === 'string') return concat(head(3, utf8(value).length), utf8(value));
  if (typeof value === 'boolean') return u8(value ? 0xf5 : 0xf4);
  if (value === null) return u8(0xf6);
  if (value instanceof Uint8Array) return concat(head(2, value.length), value);
  if (value instanceof Map) return concat(head(5, value.size), ...[...value].flatMap(([key, item]) => [cbor(key), cbor(item)]));
  const items = value as readonly CborValue[];
  return concat(head(4, items.length), ...items.map(cbor));
}

export function head(major: number, length: number): Uint8Array {
  const first = major << 5;
  if (length < 24) return u8(first | length);
  if (length < 0x100) return concat(u8(first | 24), u8(length));
  if (length < 0x10000) return concat(u8(first | 25), u16le(length).reverse());
  if (length < 0x100000000) return concat(u8(first | 26), u32be(length));
  return concat(u8(first | 27), u64be(length));
}

export const PCRS: ReadonlyMap<number, Uint8Array> = new Map(
  [0, 1, 2, 3, 4, 8].map((i) => [i, new Uint8Array(48).fill(0xc0 + i)]),
);
export const NITRO_NONCE = utf8('a nonce');
export const USER_DATA = utf8('user data');
export const PUBLIC_KEY = new Uint8Array(32).fill(0x9b);

export interface NitroWish {
  /** Members that differ, or are left out. */
  readonly members?: { readonly [name: string]: CborValue | undefined };
  readonly certificates?: { readonly [place: number]: Partial<CertificateFields> };
  /** Places of the chain that are shown. */
  readonly places?: number;
  readonly tag?: boolean;
  readonly header?: Uint8Array;
  readonly unprotected?: CborValue;
  readonly payload?: Uint8Array;
  readonly signature?: Uint8Array;
  readonly signer?: KeyPair;
}

export interface MintedNitro {
  readonly document: Uint8Array;
  readonly root: Uint8Array;
}

export function mintNitro(wish: NitroWish = {}): MintedNitro {
  const links = PLACES.map((name, i) => ({ name, pair: pairs[i] as KeyPair }));
  const chain = chainOf(links, wish.certificates);
  const members: { readonly [name: string]: CborValue | undefined } = {
    module_id: 'i-0123456789abcdef0-enc0123456789abcdef',
    digest: 'SHA384',
    timestamp: NOW - 1_000,
    pcrs: PCRS,
    certificate: chain[0] as Uint8Array,
    cabundle: [...chain.slice(1)].reverse().slice(0, wish.places ?? PLACES.length - 1),
    public_key: PUBLIC_KEY,
    user_data: USER_DATA,
    nonce: NITRO_NONCE,
    ...wish.members,
  };
  const payload =
    wish.payload ??
    cbor(new Map(Object.entries(members).filter((entry): entry is [string, CborValue] => entry[1] !== undefined)));
  const signature = wish.signature ?? signRaw((wish.signer ?? pairs[0]).privateKey, coseSigned(payload));
  const parts = cbor([wish.header ?? COSE_ES384, wish.unprotected ?? new Map(), payload, signature]);
  return { document: wish.tag === true ? concat(u8(0xd2), parts) : parts, root: chain.at(-1) as Uint8Array };
}
