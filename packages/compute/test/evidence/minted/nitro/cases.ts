import { concat, toHex, utf8 } from '@perigee/wire';
import { basicConstraints, keyUsage } from '../../../../src/evidence/simulated/certificate.ts';
import { type CborValue, cbor } from '../../../../src/evidence/simulated/nitro/cbor-writer.ts';
import type { CoseFields } from '../../../../src/evidence/simulated/nitro/document.ts';
import { type NitroPlace, nitroPki } from '../../../../src/evidence/simulated/nitro/pki.ts';
import { seeded } from '../../../../src/evidence/simulated/seed.ts';
import { curveKey } from '../../../../src/evidence/simulated/signing-key.ts';
import type { BadCase } from '../case.ts';
import { NOW, SEED, simulation, withFields } from '../simulation.ts';
import { BOUND, type NitroRecipe } from './recipe.ts';

const stranger = curveKey(SEED, 'stranger', 'P-384');
const smallCurve = curveKey(SEED, 'small curve', 'P-256');
const certificate = (place: NitroPlace, change: Parameters<typeof withFields>[0]): NitroRecipe => ({
  pki: { [place]: withFields(change) },
});
const cose = (change: Partial<CoseFields> | ((fields: CoseFields) => Partial<CoseFields>)): NitroRecipe => ({
  document: { cose: (valid) => ({ ...valid, ...(typeof change === 'function' ? change(valid) : change) }) },
});
const entry = (name: string, change: (value: CborValue) => CborValue | undefined): NitroRecipe => ({
  document: {
    document: ({ entries }) => ({
      entries: entries.flatMap(([key, value]) => {
        const changed = key === name ? change(value) : value;
        return changed === undefined ? [] : [[key, changed] as const];
      }),
    }),
  },
});
const pcr = (i: number) => toHex(seeded(SEED, `nitro/pcr${i}`, 48));
const bundle = (change: (certificates: readonly CborValue[]) => CborValue): NitroRecipe =>
  entry('cabundle', (value) => change(value as CborValue[]));
const zeros = new Uint8Array(48);
const MINUTE = 60_000;
/** The payload with bytes put in, signed as it then is. */
const payload = (change: (bytes: Uint8Array) => Uint8Array): NitroRecipe =>
  cose(({ signedPayload }) => ({ payload: change(signedPayload), signedPayload: change(signedPayload) }));

export const NITRO_CASES: readonly BadCase<NitroRecipe>[] = [
  {
    name: 'another PCR0',
    twin: { policy: { pcrs: { 0: [pcr(0)] } } },
    bad: { policy: { pcrs: { 0: [pcr(1)] } } },
    check: 'pcrs',
    code: 'MEASUREMENT',
  },
  {
    name: 'another PCR8',
    twin: { policy: { pcrs: { 0: [pcr(0)], 8: [pcr(8)] } } },
    bad: { policy: { pcrs: { 0: [pcr(0)], 8: ['00'.repeat(48)] } } },
    check: 'pcrs',
    code: 'MEASUREMENT',
  },
  {
    name: 'PCR2 is missing',
    twin: { policy: { pcrs: { 2: [pcr(2)] } } },
    bad: entry('pcrs', (value) => new Map([...(value as ReadonlyMap<number, CborValue>)].filter(([i]) => i !== 2))),
    check: 'pcrs',
    code: 'MEASUREMENT',
  },
  {
    name: 'debug mode',
    twin: {
      ...entry(
        'pcrs',
        (value) => new Map([...(value as ReadonlyMap<number, CborValue>)].map(([i, pcr]) => [i, i < 3 ? zeros : pcr])),
      ),
      policy: { allowDebug: true },
    },
    bad: { policy: {} },
    check: 'debug',
    code: 'DEBUG',
  },
  {
    name: 'another nonce',
    twin: { policy: { nonce: toHex(BOUND.nonce) } },
    bad: { policy: { nonce: toHex(utf8('ecnon')) } },
    check: 'nonce',
    code: 'NONCE',
  },
  {
    name: 'no nonce',
    twin: { policy: { nonce: toHex(BOUND.nonce) } },
    bad: { request: { nonce: null } },
    check: 'nonce',
    code: 'NONCE',
  },
  {
    name: 'other user data',
    twin: { policy: { userData: toHex(BOUND.userData) } },
    bad: { request: { userData: utf8('other data') } },
    check: 'userData',
    code: 'REPORT_DATA',
  },
  {
    name: 'another public key',
    twin: { policy: { publicKey: toHex(BOUND.publicKey) } },
    bad: { request: { publicKey: utf8('another') } },
    check: 'publicKey',
    code: 'REPORT_DATA',
  },
  { name: 'too old', twin: { later: 5 * MINUTE }, bad: { later: 5 * MINUTE + 1 }, check: 'time', code: 'EXPIRED' },
  {
    name: 'older than the policy allows',
    twin: { later: MINUTE, policy: { maxAgeMs: MINUTE } },
    bad: { policy: { maxAgeMs: MINUTE - 1 } },
    check: 'time',
    code: 'EXPIRED',
  },
  {
    name: 'from the future',
    twin: entry('timestamp', () => NOW * 1_000 + MINUTE),
    bad: entry('timestamp', () => NOW * 1_000 + MINUTE + 1),
    check: 'time',
    code: 'NOT_YET_VALID',
  },
  { name: 'another algorithm', bad: cose({ protectedHeader: cbor(new Map([[1, -7]])) }), check: 'document', code: 'ALGORITHM' },
  {
    name: 'the algorithm in the header that nobody signed',
    bad: cose({ protectedHeader: new Uint8Array(), unprotectedHeader: new Map([[1, -35]]) }),
    check: 'document',
    code: 'ALGORITHM',
  },
  {
    name: 'a header that nobody signed beside the right one',
    bad: cose({ unprotectedHeader: new Map([[4, utf8('key')]]) }),
    check: 'document',
    code: 'PARSE',
  },
  {
    name: 'two algorithms',
    bad: cose({
      protectedHeader: cbor(
        new Map([
          [1, -35],
          [2, 1],
        ]),
      ),
    }),
    check: 'document',
    code: 'ALGORITHM',
  },
  {
    name: 'a header that is longer than it need be',
    bad: cose({ protectedHeader: Uint8Array.of(0xa1, 0x01, 0x39, 0x00, 0x22) }),
    check: 'document',
    code: 'ALGORITHM',
  },
  { name: 'the payload is elsewhere', bad: cose({ payload: null }), check: 'document', code: 'PARSE' },
  {
    name: 'another payload than was signed',
    bad: cose(({ signedPayload }) => ({
      payload: signedPayload.map((byte, i) => (i === signedPayload.length - 1 ? byte ^ 1 : byte)),
    })),
    check: 'signature',
    code: 'SIGNATURE',
  },
  { name: 'another tag', twin: cose({ tag: 18 }), bad: cose({ tag: 17 }), check: 'parse', code: 'PLATFORM' },
  {
    name: 'bytes behind it',
    bad: { bytes: (bytes) => concat(bytes, Uint8Array.of(0)) },
    check: 'document',
    code: 'TRAILING_BYTES',
  },
  { name: 'cut off by a byte', bad: { bytes: (bytes) => bytes.subarray(0, -1) }, check: 'document', code: 'PARSE' },
  {
    name: 'bytes behind the payload',
    bad: payload((bytes) => concat(bytes, Uint8Array.of(0))),
    check: 'document',
    code: 'TRAILING_BYTES',
  },
  {
    name: 'a map without a length',
    bad: payload((bytes) => concat(Uint8Array.of(0xbf), bytes.subarray(1), Uint8Array.of(0xff))),
    check: 'document',
    code: 'PARSE',
  },
  {
    name: 'a head longer than it need be',
    bad: payload((bytes) => concat(Uint8Array.of(0xb8, 0x09), bytes.subarray(1))),
    check: 'document',
    code: 'PARSE',
  },
  {
    name: 'a member twice',
    bad: {
      document: {
        document: ({ entries }) => ({ entries: [...entries, ['digest', 'SHA384']] }),
        cose: (valid) => {
          const doubled = concat(Uint8Array.of(0xaa), valid.signedPayload.subarray(1), cbor('digest'), cbor('SHA384'));
          return { ...valid, payload: doubled, signedPayload: doubled };
        },
      },
    },
    check: 'document',
    code: 'PARSE',
  },
  {
    name: 'a member that is not known',
    bad: { document: { document: ({ entries }) => ({ entries: [...entries, ['more', 1]] }) } },
    check: 'document',
    code: 'PARSE',
  },
  {
    name: 'a float for a time',
    bad: entry('timestamp', () => ({ raw: Uint8Array.of(0xfb, 0x42, 0x7a, 0, 0, 0, 0, 0, 0) })),
    check: 'document',
    code: 'PARSE',
  },
  {
    name: 'a text for a register',
    bad: entry(
      'pcrs',
      (value) => new Map([...(value as ReadonlyMap<number, CborValue>)].map(([i, pcr]) => [i, i === 0 ? 'x'.repeat(48) : pcr])),
    ),
    check: 'document',
    code: 'PARSE',
  },
  {
    name: 'a register of 32 bytes',
    bad: entry(
      'pcrs',
      (value) =>
        new Map([...(value as ReadonlyMap<number, CborValue>)].map(([i, pcr]) => [i, i === 0 ? new Uint8Array(32) : pcr])),
    ),
    check: 'document',
    code: 'PARSE',
  },
  { name: 'registers of another hash', bad: entry('digest', () => 'SHA256'), check: 'document', code: 'PARSE' },
  {
    name: 'nested without end',
    bad: entry('nonce', () => ({ raw: concat(new Uint8Array(20_000).fill(0x81), Uint8Array.of(0)) })),
    check: 'document',
    code: 'TOO_LARGE',
  },
  {
    name: 'an array of four billion',
    bad: entry('cabundle', () => ({ raw: Uint8Array.of(0x9a, 0xff, 0xff, 0xff, 0xff) })),
    check: 'document',
    code: 'PARSE',
  },
  { name: 'no certificate', bad: entry('certificate', () => undefined), check: 'document', code: 'PARSE' },
  { name: 'a stranger signed it', bad: cose({ signer: stranger }), check: 'signature', code: 'SIGNATURE' },
  { name: 'its key is on P-256', bad: certificate('enclave', { spki: smallCurve.spki }), check: 'signature', code: 'KEY' },
  {
    name: 'its certificate has expired',
    twin: certificate('enclave', { notAfter: NOW }),
    bad: certificate('enclave', { notAfter: NOW - 1 }),
    check: 'chain',
    code: 'EXPIRED',
  },
  {
    name: 'its certificate is not valid yet',
    twin: certificate('enclave', { notBefore: NOW }),
    bad: certificate('enclave', { notBefore: NOW + 1 }),
    check: 'chain',
    code: 'NOT_YET_VALID',
  },
  {
    name: 'its certificate is an issuer',
    bad: { pki: { enclave: (enclave) => ({ ...enclave, extensions: [basicConstraints(true)] }) } },
    check: 'chain',
    code: 'CHAIN_CA',
  },
  {
    name: 'its certificate must not sign',
    bad: { pki: { enclave: (enclave) => ({ ...enclave, extensions: [keyUsage('certify')] }) } },
    check: 'chain',
    code: 'CHAIN_KEY_USAGE',
  },
  {
    name: 'more issuers than one allows',
    bad: { pki: { region: (region) => ({ ...region, extensions: [keyUsage('certify'), basicConstraints(true, 1)] }) } },
    check: 'chain',
    code: 'CHAIN_PATH_LENGTH',
  },
  { name: 'a stranger signed an issuer', bad: certificate('zone', { signer: stranger }), check: 'chain', code: 'SIGNATURE' },
  {
    name: 'an issuer is missing',
    bad: bundle(([root, region, , instance]) => [root!, region!, instance!]),
    check: 'chain',
    code: 'CHAIN_NAME',
  },
  {
    name: 'issuers in the order of other formats',
    bad: bundle((certificates) => [...certificates].reverse()),
    check: 'chain',
    code: 'ROOT',
  },
  {
    name: 'another root with its name',
    bad: bundle(([, ...rest]) => [nitroPki(utf8('another'), NOW).certificates.root, ...rest]),
    check: 'chain',
    code: 'ROOT',
  },
  {
    name: 'the key of another enclave',
    bad: entry('certificate', () => simulation.nitro().certificates.instance),
    check: 'chain',
    code: 'CHAIN_CA',
  },
];
