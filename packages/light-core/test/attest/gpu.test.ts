import { developmentRoots } from '@perigee/light-core/attest';
import { concat, fromUtf8, toHex, utf8 } from '@perigee/wire';
import { describe, expect, it } from 'vitest';
import type { NvidiaCollateral } from '../../src/attest/collateral.ts';
import { readGpuEvidence } from '../../src/attest/nvidia/evidence.ts';
import { OPAQUE } from '../../src/attest/nvidia/layout.ts';
import { verifyRim } from '../../src/attest/nvidia/rim/verify.ts';
import { type GpuCheck, type GpuPolicy, verifyGpu } from '../../src/attest/nvidia/verify.ts';
import { readCertificate } from '../../src/attest/x509.ts';
import { both, checkOf, faults, webCrypto } from './both.ts';
import { NOW, p384, pemOf, sha } from './mint/certificate.ts';
import {
  DRIVER,
  type GpuWish,
  goldenOf,
  MEASURED,
  type MintedGpu,
  mintGpu,
  mintRim,
  NONCE,
  type RimWish,
  VBIOS,
} from './mint/gpu.ts';

const DRIVER_RIM: RimWish = { version: DRIVER, golden: goldenOf(2, 9, 35, 40) };
const VBIOS_RIM: RimWish = { version: VBIOS, golden: goldenOf(0, 1, 50) };

interface Given {
  readonly policy?: GpuPolicy;
  readonly collateral?: Partial<NvidiaCollateral>;
  readonly driver?: Partial<RimWish>;
  readonly vbios?: Partial<RimWish>;
  readonly time?: number;
  readonly floors?: (minted: MintedGpu) => { readonly [name: string]: number };
  readonly bytes?: (minted: MintedGpu) => Uint8Array;
  readonly roots?: readonly Uint8Array[];
}

async function verify(wish: GpuWish = {}, given: Given = {}) {
  const minted = mintGpu(wish);
  const { evidence, chain, rootCrl, identityCrl, roots } = minted;
  const rims = [mintRim({ ...DRIVER_RIM, ...given.driver }), mintRim({ ...VBIOS_RIM, ...given.vbios })];
  return both(verifyGpu, given.bytes?.(minted) ?? evidence, {
    roots: { nvidia: given.roots ?? roots },
    policy: { nonce: toHex(NONCE), rims: rims.map((rim) => toHex(sha('sha256', rim))), ...given.policy },
    collateral: { nvidia: { chain, rootCrl, identityCrl, rims, ...given.collateral } },
    time: given.time ?? NOW,
    floors: given.floors?.(minted) ?? {},
  });
}

/** Serial number of the identity of the line, which names its list. */
const IDENTITY_LIST = 'nvidia/04/crl';

describe('evidence of a GPU', () => {
  it('passes, and says what it says', async () => {
    const { checks, claims, seen } = await verify();
    expect(faults(checks)).toEqual([]);
    expect(claims).toMatchObject({
      driverVersion: DRIVER,
      vbiosVersion: VBIOS,
      board: { project: '1010', projectSku: '0200', chipSku: '882' },
    });
    expect(seen).toEqual({ 'nvidia/rootCrl': 3, [IDENTITY_LIST]: 3 });
    expect(checkOf(checks, 'measurements').reason).toBe(
      `6 measurements are as driver ${DRIVER} and VBIOS ${VBIOS} must make them.`,
    );
  });

  it.each([
    ['NVIDIA GH100 Identity', 'tested'],
    ['NVIDIA GB100 Identity', 'untested on hardware'],
  ])('of the line of %s is %s', async (name, due) => {
    const certificates = { 2: { issuer: name }, 3: { subject: name } };
    const { checks, hardware } = await verify({ certificates, identityList: { issuer: name } });
    expect([faults(checks), hardware]).toEqual([[], due]);
  });

  it('without policy or collateral leaves open what could not be looked at', async () => {
    const { evidence, roots } = mintGpu();
    const { checks } = await both(verifyGpu, evidence, { roots: { nvidia: roots } });
    expect(faults(checks)).toEqual([
      'chain notChecked COLLATERAL_MISSING',
      'revocation notChecked DEPENDS',
      'signature notChecked DEPENDS',
      'firmware notChecked DEPENDS',
      'nonce notChecked NOT_ASKED',
      'measurements notChecked COLLATERAL_MISSING',
      'rimSigner notChecked DEPENDS',
    ]);
  });

  it('does not vouch for who signed reference values unless they are pinned', async () => {
    const { checks } = await verify({}, { policy: { rims: undefined } as unknown as GpuPolicy });
    expect(faults(checks)).toEqual(['rimSigner notChecked COLLATERAL_MISSING']);
    expect(checkOf(checks, 'rimSigner').required).toBe(false);
  });
});

/** A fault, and the nearest thing without it, which passes. */
interface Case {
  readonly name: string;
  readonly wish?: GpuWish;
  readonly given?: Given;
  readonly due: `${GpuCheck} ${'fail' | 'notChecked'} ${string}`;
  readonly twin?: { readonly wish?: GpuWish; readonly given?: Given };
}

const opaque = (type: number, value: Uint8Array | undefined): GpuWish => ({ opaque: { [type]: value } });
const flip = (at: number) => ({
  bytes: ({ evidence }: MintedGpu) => evidence.map((byte, i) => (i === (at < 0 ? evidence.length + at : at) ? byte ^ 1 : byte)),
});
const edit = (from: string, to: string): Given => ({ driver: { edit: (text) => text.replace(from, to) } });
const measured = (index: number): GpuWish => ({
  measurements: MEASURED.map((value, i) => (i === index ? new Uint8Array(48) : value)),
});
const ON = Uint8Array.of(0xaa);
const OFF = Uint8Array.of(0x55);

const CASES: readonly Case[] = [
  // form
  { name: 'nothing', given: { bytes: () => new Uint8Array(0) }, due: 'evidence fail PARSE' },
  { name: 'a megabyte', given: { bytes: () => new Uint8Array(1 << 20) }, due: 'evidence fail TOO_LARGE' },
  { name: 'a request without signature', wish: { request: Uint8Array.of(0x11, 0xe0, 0, 0xff) }, due: 'evidence fail PARSE' },
  { name: 'a request for one measurement', wish: { request: Uint8Array.of(0x11, 0xe0, 1, 3) }, due: 'evidence fail PARSE' },
  { name: 'SPDM 1.2', wish: { request: Uint8Array.of(0x12, 0xe0, 1, 0xff) }, due: 'evidence fail PARSE' },
  { name: 'an answer from another slot', given: flip(36), due: 'evidence fail PARSE' },
  { name: 'another answer', given: flip(38), due: 'evidence fail PARSE' },
  { name: 'no measurements', wish: { measurements: [] }, due: 'evidence fail PARSE' },
  { name: 'a measurement out of order', given: flip(45), due: 'evidence fail PARSE' },
  { name: 'a measurement of another specification', given: flip(46), due: 'evidence fail PARSE' },
  { name: 'two lengths of a measurement', given: flip(50), due: 'evidence fail PARSE' },
  { name: 'a byte short', given: { bytes: ({ evidence }) => evidence.subarray(0, -1) }, due: 'evidence fail PARSE' },
  {
    name: 'a byte behind it',
    given: { bytes: ({ evidence }) => concat(evidence, Uint8Array.of(0)) },
    due: 'evidence fail TRAILING_BYTES',
  },
  { name: 'no driver version', wish: opaque(OPAQUE.driverVersion, undefined), due: 'evidence fail PARSE' },
  { name: 'a driver version that is no text', wish: opaque(OPAQUE.driverVersion, Uint8Array.of(7)), due: 'evidence fail PARSE' },
  {
    name: 'text behind the zero of a driver version',
    wish: opaque(OPAQUE.driverVersion, utf8(`${DRIVER}\0x`)),
    due: 'evidence fail PARSE',
    twin: { wish: opaque(OPAQUE.driverVersion, utf8(`${DRIVER}\0\0`)) },
  },
  { name: 'a VBIOS version of nine bytes', wish: opaque(OPAQUE.vbiosVersion, new Uint8Array(9)), due: 'evidence fail PARSE' },
  // chain
  { name: 'four certificates', wish: { links: 4 }, due: 'chain fail CHAIN_LENGTH' },
  { name: 'another root', given: { roots: mintGpu({ certificates: { 4: { serial: 99 } } }).roots }, due: 'chain fail ROOT' },
  {
    name: 'expired key',
    wish: { certificates: { 0: { notAfter: NOW - 1000 } } },
    due: 'chain fail EXPIRED',
    twin: { wish: { certificates: { 0: { notAfter: NOW } } } },
  },
  { name: 'provisioner that is no authority', wish: { certificates: { 2: { isCa: false } } }, due: 'chain fail CHAIN_CA' },
  { name: 'key that is an authority', wish: { certificates: { 0: { isCa: true } } }, due: 'chain fail CHAIN_CA' },
  {
    name: 'another chip signed the key',
    wish: { certificates: { 0: { signer: p384().privateKey } } },
    due: 'chain fail SIGNATURE',
  },
  { name: 'the key names another chip', wish: { certificates: { 0: { issuer: 'other' } } }, due: 'chain fail CHAIN_NAME' },
  { name: 'a chain that is no PEM', given: { collateral: { chain: Uint8Array.of(1) } }, due: 'chain fail PEM' },
  { name: 'a chain without certificates', given: { collateral: { chain: new Uint8Array(0) } }, due: 'chain fail CHAIN_LENGTH' },
  {
    name: 'the chain upside down',
    given: { collateral: { chain: pemOf([...mintGpu().certificates].reverse()) } },
    due: 'chain fail ROOT',
  },
  // revocation
  {
    name: 'identity revoked',
    wish: { rootList: { revoked: [4] } },
    due: 'revocation fail REVOKED',
    twin: { wish: { rootList: { revoked: [3] } } },
  },
  {
    name: 'provisioner revoked',
    wish: { identityList: { revoked: [3] } },
    due: 'revocation fail REVOKED',
    twin: { wish: { identityList: { revoked: [4] } } },
  },
  {
    name: "root's list missing",
    given: { collateral: { rootCrl: undefined } as unknown as NvidiaCollateral },
    due: 'revocation notChecked COLLATERAL_MISSING',
  },
  {
    name: "identity's list missing",
    given: { collateral: { identityCrl: undefined } as unknown as NvidiaCollateral },
    due: 'revocation notChecked COLLATERAL_MISSING',
  },
  { name: 'lists in each other place', given: { collateral: { rootCrl: mintGpu().identityCrl } }, due: 'revocation fail CRL' },
  { name: 'list expired', wish: { identityList: { nextUpdate: NOW - 1000 } }, due: 'revocation fail EXPIRED' },
  { name: 'list that somebody else signed', wish: { rootList: { signer: p384().privateKey } }, due: 'revocation fail SIGNATURE' },
  {
    name: 'list older than one seen',
    given: { floors: () => ({ [IDENTITY_LIST]: 4 }) },
    due: 'revocation fail ROLLBACK',
    twin: { given: { floors: () => ({ [IDENTITY_LIST]: 3 }) } },
  },
  // who signed what
  { name: 'another key signed', wish: { signer: p384() }, due: 'signature fail SIGNATURE' },
  { name: 'a byte of a measurement', given: flip(60), due: 'signature fail SIGNATURE' },
  { name: 'a byte of the signature', given: flip(-1), due: 'signature fail SIGNATURE' },
  { name: 'another nonce', wish: { nonce: NONCE.map((byte) => byte ^ 1) }, due: 'nonce fail NONCE' },
  { name: 'a nonce that was changed after signing', given: flip(5), due: 'signature fail SIGNATURE' },
  {
    name: 'key of other firmware',
    wish: { firmware: new Uint8Array(48) },
    due: 'firmware fail BINDING',
    twin: { wish: { firmware: new Uint8Array(48), ...opaque(OPAQUE.firmwareId, undefined) } },
  },
  { name: 'key of no firmware', wish: { firmware: null }, due: 'firmware fail CERTIFICATE' },
  {
    name: 'driver not accepted',
    given: { policy: { drivers: ['1.0'] } },
    due: 'driver fail POLICY',
    twin: { given: { policy: { drivers: ['1.0', DRIVER] } } },
  },
  {
    name: 'VBIOS not accepted',
    given: { policy: { vbios: ['96.00.00.00.01'] } },
    due: 'vbios fail POLICY',
    twin: { given: { policy: { vbios: [VBIOS.toLowerCase()] } } },
  },
  // reference values
  { name: 'a measurement of the driver', wish: measured(9), due: 'measurements fail MEASUREMENT', twin: { wish: measured(10) } },
  { name: 'a measurement of the VBIOS', wish: measured(50), due: 'measurements fail MEASUREMENT', twin: { wish: measured(51) } },
  {
    name: "the decoder's measurement where it is on",
    wish: { ...measured(35), ...opaque(OPAQUE.nvdec0, ON) },
    due: 'measurements fail MEASUREMENT',
    twin: { wish: { ...measured(35), ...opaque(OPAQUE.nvdec0, OFF) } },
  },
  {
    name: "the decoder's measurement where nothing is said of it",
    wish: { ...measured(35), ...opaque(OPAQUE.nvdec0, undefined) },
    due: 'measurements fail MEASUREMENT',
  },
  {
    name: 'fewer measurements than reference values',
    wish: { measurements: MEASURED.slice(0, 50) },
    due: 'measurements fail MEASUREMENT',
    twin: { wish: { measurements: MEASURED.slice(0, 51) } },
  },
  {
    name: 'none of two values',
    given: { driver: { golden: new Map([[2, [new Uint8Array(48), new Uint8Array(48).fill(1)]]]) } },
    due: 'measurements fail MEASUREMENT',
    twin: { given: { driver: { golden: new Map([[2, [new Uint8Array(48), MEASURED[2] as Uint8Array]]]) } } },
  },
  {
    name: 'reference values of another driver',
    given: { driver: { version: '550.90.08' } },
    due: 'measurements fail COLLATERAL',
  },
  {
    name: 'reference values of another VBIOS',
    given: { vbios: { version: '96.00.9F.00.02' } },
    due: 'measurements fail COLLATERAL',
  },
  { name: 'the VBIOS alone', given: { collateral: { rims: [mintRim(VBIOS_RIM)] } }, due: 'measurements fail COLLATERAL' },
  {
    name: 'three files',
    given: { collateral: { rims: [mintRim(VBIOS_RIM), mintRim(DRIVER_RIM), mintRim(DRIVER_RIM)] } },
    due: 'measurements fail TOO_LARGE',
  },
  { name: 'reference values of two products', given: { driver: { product: 'GB100' } }, due: 'measurements fail COLLATERAL' },
  {
    name: 'reference values of both for one measurement',
    given: { driver: { golden: goldenOf(0) } },
    due: 'measurements fail COLLATERAL',
  },
  { name: 'no reference values in a file', given: { driver: { golden: new Map() } }, due: 'measurements fail COLLATERAL' },
  {
    name: 'reference values that were changed',
    given: edit('active="False"', 'active="True"'),
    due: 'measurements fail SIGNATURE',
    twin: { given: edit('active="False" alternatives="1"', 'alternatives="1" active="False"') },
  },
  {
    name: 'reference values with a space more',
    given: edit('<ns0:Payload>\n', '<ns0:Payload>\n '),
    due: 'measurements fail SIGNATURE',
    twin: { given: edit('<ns0:Payload>', '<ns0:Payload  >') },
  },
  { name: 'another digest signed', given: edit('<ds:DigestValue>', '<ds:DigestValue>A'), due: 'measurements fail PARSE' },
  { name: 'reference values signed by another key', given: { driver: { signer: p384() } }, due: 'measurements fail SIGNATURE' },
  {
    name: 'expired signer of reference values',
    given: { driver: { certificates: { 0: { notAfter: NOW - 1000 } } } },
    due: 'measurements fail EXPIRED',
  },
  {
    name: 'signer of reference values under another root',
    given: { roots: mintGpu().roots.slice(0, 1) },
    due: 'measurements fail ROOT',
  },
  { name: 'a signature over part of the file', given: edit('URI=""', 'URI="#x"'), due: 'measurements fail PARSE' },
  { name: 'another canonical form', given: edit('xml-c14n11', 'xml-c14n12'), due: 'measurements fail ALGORITHM' },
  { name: 'an RSA signature', given: edit('#ecdsa-sha384', '#rsa-sha384'), due: 'measurements fail ALGORITHM' },
  { name: 'no enveloping', given: edit('#enveloped-signature', '#base64'), due: 'measurements fail ALGORITHM' },
  {
    name: 'two signatures',
    given: edit('</SoftwareIdentity>', '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#"/></SoftwareIdentity>'),
    due: 'measurements fail PARSE',
  },
  {
    name: 'a document type',
    given: edit('<SoftwareIdentity', '<!DOCTYPE x [<!ENTITY a "b">]><SoftwareIdentity'),
    due: 'measurements fail PARSE',
    twin: { given: edit('<SoftwareIdentity', '<?xml version="1.0" encoding="utf-8"?>\n<SoftwareIdentity') },
  },
  { name: 'a comment', given: edit('<ns0:Payload>', '<!-- --><ns0:Payload>'), due: 'measurements fail PARSE' },
  { name: 'a character reference', given: edit('name="GH100"', 'name="&#71;H100"'), due: 'measurements fail PARSE' },
  { name: 'an entity', given: edit('name="GH100"', 'name="&a;H100"'), due: 'measurements fail PARSE' },
  { name: 'CDATA', given: edit('<ns0:Payload>\n', '<ns0:Payload><![CDATA[\n]]>'), due: 'measurements fail PARSE' },
  { name: 'an attribute twice', given: edit('name="GH100"', 'name="GH100" name="GH100"'), due: 'measurements fail PARSE' },
  { name: 'an element that does not end', given: edit('</ns0:Payload>', ''), due: 'measurements fail PARSE' },
  { name: 'a prefix that is not declared', given: edit('<ns0:Payload>', '<ns9:Payload>'), due: 'measurements fail PARSE' },
  {
    name: 'another file than the policy pins',
    given: { policy: { rims: [toHex(sha('sha256', mintRim(DRIVER_RIM)))] } },
    due: 'rimSigner fail COLLATERAL',
  },
];

describe('a fault of evidence of a GPU is found, and its twin without it passes', () => {
  it.each(CASES)('$name', async ({ wish, given, due, twin }) => {
    expect(faults((await verify(wish, given)).checks)).toContain(due);
    expect(faults((await verify(twin?.wish, twin?.given)).checks)).toEqual([]);
  });
});

describe('bytes', () => {
  it('of evidence are all covered: each flipped is refused', async () => {
    const { evidence, certificates } = mintGpu();
    const { key } = readCertificate(certificates[0] as Uint8Array);
    const isTaken = async (bytes: Uint8Array) => {
      try {
        const { signed, signature } = readGpuEvidence(bytes);
        return key.type === 'P-384' && (await webCrypto.verifyEcdsa(key, signed, signature));
      } catch {
        return false;
      }
    };
    expect(await isTaken(evidence)).toBe(true);
    const uncovered: number[] = [];
    // every byte but of the measurements between the first and the last, which are all alike
    for (let at = 0; at < evidence.length; at += at < 160 || at > evidence.length - 420 ? 1 : 13) {
      const bytes = evidence.slice();
      bytes[at] = (bytes[at] as number) ^ 0x10;
      if (await isTaken(bytes)) uncovered.push(at);
    }
    expect(uncovered).toEqual([]);
  });

  it('of reference values are all covered: each flipped is refused', async () => {
    const text = mintRim(DRIVER_RIM);
    const roots = developmentRoots({ development: true }, { nvidia: mintGpu().roots });
    const isTaken = (bytes: Uint8Array) =>
      verifyRim(bytes, { crypto: webCrypto, time: NOW, roots }).then(
        () => true,
        () => false,
      );
    expect(await isTaken(text)).toBe(true);
    const uncovered: string[] = [];
    for (let at = 0; at < text.length; at += at < 500 || at > text.length - 600 ? 1 : 37) {
      const bytes = text.slice();
      bytes[at] = (bytes[at] as number) ^ 0x02;
      if (await isTaken(bytes)) uncovered.push(`${at}: ${fromUtf8(text.subarray(at - 8, at + 8))}`);
    }
    expect(uncovered).toEqual([]);
  });
});
