import { concat, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import { type NitroCheck, type NitroPolicy, verifyNitro } from '../../src/attest/nitro/verify.ts';
import { both, fast, faults } from './both.ts';
import { NOW, p384 } from './mint/certificate.ts';
import { type CborValue, cbor, head, mintNitro, NITRO_NONCE, type NitroWish, PCRS, PUBLIC_KEY, USER_DATA } from './mint/nitro.ts';

const POLICY: NitroPolicy = {
  pcrs: { 0: [toHex(PCRS.get(0) as Uint8Array)], 8: [toHex(PCRS.get(8) as Uint8Array)] },
  nonce: toHex(NITRO_NONCE),
  userData: toHex(USER_DATA),
  publicKey: toHex(PUBLIC_KEY),
};

interface Given {
  readonly policy?: NitroPolicy | undefined;
  readonly time?: number;
  readonly bytes?: (document: Uint8Array) => Uint8Array;
  readonly root?: Uint8Array;
}

async function verify(wish: NitroWish = {}, given: Given = {}) {
  const { document, root } = mintNitro(wish);
  return both(verifyNitro, given.bytes?.(document) ?? document, {
    roots: { nitro: [given.root ?? root] },
    policy: 'policy' in given ? given.policy : POLICY,
    time: given.time ?? NOW,
  });
}

describe('a document of a Nitro enclave', () => {
  it.each([false, true])('passes, with its tag: %s', async (tag) => {
    const { checks, claims } = await verify({ tag });
    expect(faults(checks)).toEqual([]);
    expect(claims).toMatchObject({
      moduleId: 'i-0123456789abcdef0-enc0123456789abcdef',
      nonce: NITRO_NONCE,
      userData: USER_DATA,
    });
  });

  it('without a policy leaves open what nobody asked for', async () => {
    const { checks } = await verify({}, { policy: undefined });
    expect(faults(checks)).toEqual(['pcrs notChecked NOT_ASKED', 'nonce notChecked NOT_ASKED']);
    expect(checks.filter(({ required }) => !required).map(({ name }) => name)).toEqual(['pcrs', 'nonce']);
  });
});

/** A fault, and the nearest thing without it, which passes. */
interface Case {
  readonly name: string;
  readonly wish?: NitroWish;
  readonly given?: Given;
  readonly due: `${NitroCheck} ${'fail' | 'notChecked'} ${string}`;
  readonly twin?: { readonly wish?: NitroWish; readonly given?: Given };
}

const member = (name: string, value: CborValue | undefined): NitroWish => ({ members: { [name]: value } });
const asked = (more: NitroPolicy): Given => ({ policy: { ...POLICY, ...more } });
const certificates = (...changes: readonly NonNullable<NitroWish['certificates']>[]): NitroWish => ({
  certificates: Object.assign({}, ...changes),
});
const ZEROS = new Map([0, 1, 2, 8].map((i) => [i, new Uint8Array(48)]));

const CASES: readonly Case[] = [
  // COSE
  { name: 'nothing', given: { bytes: () => new Uint8Array(0) }, due: 'document fail PARSE' },
  { name: 'a megabyte', given: { bytes: () => new Uint8Array(1 << 20) }, due: 'document fail TOO_LARGE' },
  {
    name: 'another tag',
    given: { bytes: (document) => concat(Uint8Array.of(0xd1), document) },
    due: 'document fail PARSE',
    twin: { given: { bytes: (document) => concat(Uint8Array.of(0xd2), document) } },
  },
  { name: 'two tags', given: { bytes: (document) => concat(Uint8Array.of(0xd2, 0xd2), document) }, due: 'document fail PARSE' },
  {
    name: 'a byte behind it',
    given: { bytes: (document) => concat(document, Uint8Array.of(0)) },
    due: 'document fail TRAILING_BYTES',
  },
  { name: 'a byte short', given: { bytes: (document) => document.subarray(0, -1) }, due: 'document fail PARSE' },
  {
    name: 'three parts',
    given: { bytes: (document) => concat(Uint8Array.of(0x83), document.subarray(1)) },
    due: 'document fail TRAILING_BYTES',
  },
  { name: 'ES256', wish: { header: cbor(new Map([[1, -7]])) }, due: 'document fail ALGORITHM' },
  {
    name: 'ES384 and a header more',
    wish: {
      header: cbor(
        new Map([
          [1, -35],
          [4, 0],
        ]),
      ),
    },
    due: 'document fail ALGORITHM',
  },
  { name: 'an unprotected header', wish: { unprotected: new Map([[1, -35]]) }, due: 'document fail PARSE' },
  { name: 'a signature of 64 bytes', wish: { signature: new Uint8Array(64) }, due: 'document fail PARSE' },
  // CBOR
  { name: 'a payload that is no map', wish: { payload: cbor([1]) }, due: 'document fail PARSE' },
  {
    name: 'a payload with bytes behind it',
    wish: { payload: concat(cbor(new Map()), Uint8Array.of(0)) },
    due: 'document fail TRAILING_BYTES',
  },
  { name: 'an indefinite map', wish: { payload: Uint8Array.of(0xbf, 0xff) }, due: 'document fail PARSE' },
  {
    name: 'a key twice',
    wish: { payload: concat(head(5, 2), cbor('nonce'), cbor(1), cbor('nonce'), cbor(2)) },
    due: 'document fail PARSE',
  },
  {
    name: 'a number that is not shortest',
    wish: { payload: concat(head(5, 1), cbor('timestamp'), Uint8Array.of(0x18, 5)) },
    due: 'document fail PARSE',
  },
  {
    name: 'a number above 2^53',
    wish: { payload: concat(head(5, 1), cbor('timestamp'), Uint8Array.of(0x1b, 0, 0x20, 0, 0, 0, 0, 0, 0)) },
    due: 'document fail PARSE',
  },
  {
    name: 'a float',
    wish: { payload: concat(head(5, 1), cbor('timestamp'), Uint8Array.of(0xf9, 0, 0)) },
    due: 'document fail PARSE',
  },
  { name: 'a boolean', wish: member('nonce', true), due: 'document fail PARSE' },
  {
    name: 'a text that is not UTF-8',
    wish: { payload: concat(head(5, 1), Uint8Array.of(0x61, 0xff), cbor(1)) },
    due: 'document fail PARSE',
  },
  { name: 'a key that is a list', wish: { payload: concat(head(5, 1), cbor([]), cbor(1)) }, due: 'document fail PARSE' },
  { name: 'nested too deep', wish: member('nonce', [[[[[[1]]]]]]), due: 'document fail TOO_LARGE' },
  {
    name: 'items without end',
    wish: member(
      'nonce',
      Array.from({ length: 300 }, () => 1),
    ),
    due: 'document fail TOO_LARGE',
  },
  { name: 'a list that claims 2^32 items', wish: { payload: concat(head(4, 0xffffffff), cbor(1)) }, due: 'document fail PARSE' },
  { name: 'a string that claims 2^52 bytes', wish: { payload: head(2, 2 ** 52) }, due: 'document fail PARSE' },
  // members
  { name: 'no module', wish: member('module_id', ''), due: 'document fail PARSE', twin: { wish: member('module_id', 'i') } },
  { name: 'SHA-512', wish: member('digest', 'SHA512'), due: 'document fail PARSE' },
  { name: 'no time', wish: member('timestamp', 0), due: 'document fail PARSE' },
  { name: 'a time before 1970', wish: member('timestamp', -1), due: 'document fail PARSE' },
  { name: 'no registers', wish: member('pcrs', new Map()), due: 'document fail PARSE' },
  {
    name: 'register 32',
    wish: member('pcrs', new Map([...PCRS, [32, new Uint8Array(48)]])),
    due: 'document fail PARSE',
    twin: { wish: member('pcrs', new Map([...PCRS, [31, new Uint8Array(48)]])) },
  },
  {
    name: 'a register of 32 bytes',
    wish: member('pcrs', new Map([...PCRS, [5, new Uint8Array(32)]])),
    due: 'document fail PARSE',
  },
  {
    name: 'a register with a name',
    wish: member('pcrs', new Map<CborValue, CborValue>([...PCRS, ['x', new Uint8Array(48)]])),
    due: 'document fail PARSE',
  },
  { name: 'no certificate', wish: member('certificate', undefined), due: 'document fail PARSE' },
  { name: 'no issuers', wish: member('cabundle', []), due: 'document fail PARSE' },
  {
    name: 'nine issuers',
    wish: member(
      'cabundle',
      Array.from({ length: 9 }, () => Uint8Array.of(1)),
    ),
    due: 'document fail PARSE',
  },
  {
    name: 'a nonce of 513 bytes',
    wish: member('nonce', new Uint8Array(513)),
    due: 'document fail PARSE',
    twin: { wish: member('nonce', new Uint8Array(512)), given: asked({ nonce: toHex(new Uint8Array(512)) }) },
  },
  { name: 'an empty key', wish: member('public_key', new Uint8Array(0)), due: 'document fail PARSE' },
  { name: 'a nonce that is text', wish: member('nonce', 'a nonce'), due: 'document fail PARSE' },
  { name: 'a member that is not known', wish: member('more', 1), due: 'document fail PARSE' },
  // chain
  { name: 'another root', given: { root: mintNitro({ certificates: { 4: { serial: 99 } } }).root }, due: 'chain fail ROOT' },
  {
    name: 'expired key',
    wish: certificates({ 0: { notAfter: NOW - 1000 } }),
    due: 'chain fail EXPIRED',
    twin: { wish: certificates({ 0: { notAfter: NOW } }) },
  },
  { name: 'key of tomorrow', wish: certificates({ 0: { notBefore: NOW + 1000 } }), due: 'chain fail NOT_YET_VALID' },
  { name: 'instance that is no authority', wish: certificates({ 1: { isCa: false } }), due: 'chain fail CHAIN_CA' },
  { name: 'enclave that is an authority', wish: certificates({ 0: { isCa: true } }), due: 'chain fail CHAIN_CA' },
  { name: 'another zone signed', wish: certificates({ 1: { signer: p384().privateKey } }), due: 'chain fail SIGNATURE' },
  { name: 'an issuer missing', wish: { places: 3 }, due: 'chain fail CHAIN_NAME' },
  {
    name: 'issuers in the other order',
    given: { bytes: (document) => document },
    wish: { members: { cabundle: [Uint8Array.of(0x30, 0), mintNitro().root] } },
    due: 'chain fail ROOT',
  },
  // who signed what
  { name: 'another key signed', wish: { signer: p384() }, due: 'signature fail SIGNATURE' },
  { name: 'a signature of zeros', wish: { signature: new Uint8Array(96) }, due: 'signature fail SIGNATURE' },
  {
    name: 'made in two minutes',
    wish: member('timestamp', NOW + 120_000),
    due: 'time fail NOT_YET_VALID',
    twin: { wish: member('timestamp', NOW + 60_000) },
  },
  {
    name: 'made ten minutes ago',
    wish: member('timestamp', NOW - 600_000),
    due: 'time fail EXPIRED',
    twin: { wish: member('timestamp', NOW - 600_000), given: asked({ maxAgeMs: 600_000 }) },
  },
  {
    name: 'an age that is no number',
    given: asked({ maxAgeMs: Number.NaN }),
    due: 'time fail EXPIRED',
    twin: { given: asked({ maxAgeMs: 0 }), wish: member('timestamp', NOW) },
  },
  {
    name: 'debug mode',
    wish: member('pcrs', ZEROS),
    given: { policy: { ...POLICY, pcrs: { 8: [toHex(new Uint8Array(48))] } } },
    due: 'debug fail DEBUG',
    twin: {
      wish: member('pcrs', ZEROS),
      given: { policy: { ...POLICY, pcrs: { 8: [toHex(new Uint8Array(48))] }, allowDebug: true } },
    },
  },
  {
    name: 'without the registers of the image',
    wish: member('pcrs', new Map([[8, PCRS.get(8) as Uint8Array]])),
    given: { policy: { ...POLICY, pcrs: { 8: POLICY.pcrs?.[8] as string[] } } },
    due: 'debug fail DEBUG',
    twin: { wish: member('pcrs', PCRS), given: { policy: { ...POLICY, pcrs: { 8: POLICY.pcrs?.[8] as string[] } } } },
  },
  { name: 'another image', given: asked({ pcrs: { 0: [toHex(new Uint8Array(48))] } }), due: 'pcrs fail MEASUREMENT' },
  {
    name: 'a register that is not there',
    given: asked({ pcrs: { 7: [toHex(new Uint8Array(48))] } }),
    due: 'pcrs fail MEASUREMENT',
  },
  { name: 'a policy with no registers', given: asked({ pcrs: {} }), due: 'pcrs fail POLICY' },
  { name: 'another nonce', wish: member('nonce', utf8('b nonce')), due: 'nonce fail NONCE' },
  {
    name: 'no nonce',
    wish: member('nonce', null),
    due: 'nonce fail NONCE',
    twin: { wish: member('nonce', null), given: { policy: { pcrs: POLICY.pcrs ?? {}, userData: toHex(USER_DATA) } } },
  },
  { name: 'other user data', wish: member('user_data', utf8('other')), due: 'userData fail REPORT_DATA' },
  { name: 'no key', wish: member('public_key', undefined), due: 'publicKey fail REPORT_DATA' },
];

describe('a fault of a document is found, and its twin without it passes', () => {
  it.each(CASES)('$name', async ({ wish, given, due, twin }) => {
    expect(faults((await verify(wish, given)).checks)).toContain(due);
    expect(faults((await verify(twin?.wish, twin?.given)).checks)).toEqual([]);
  });
});

it('covers all bytes of a document: each flipped is refused', async () => {
  const { document, root } = mintNitro();
  const uncovered: number[] = [];
  for (let at = 0; at < document.length; at++) {
    const bytes = document.slice();
    bytes[at] = (bytes[at] as number) ^ 0x04;
    const { checks } = await fast(verifyNitro, bytes, { roots: { nitro: [root] }, policy: POLICY });
    if (faults(checks).length === 0) uncovered.push(at);
  }
  expect(uncovered).toEqual([]);
});
