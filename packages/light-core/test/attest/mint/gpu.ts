import { concat, toHex, u16le, u32le, utf8 } from '@perigee/wire';
import { FIRMWARE_ID_EXTENSION, SHA384_ID } from '../../../src/attest/nvidia/firmware-id.ts';
import { OPAQUE } from '../../../src/attest/nvidia/layout.ts';
import { SHA384_NAMESPACE, SWID } from '../../../src/attest/nvidia/rim/rim.ts';
import { XML_ALGORITHMS, XML_SIGNATURE } from '../../../src/attest/nvidia/rim/signature.ts';
import {
  type CertificateFields,
  type CrlFields,
  chainOf,
  crl,
  DAY,
  extension,
  type KeyPair,
  NOW,
  p384,
  pemOf,
  sha,
  signRaw,
} from './certificate.ts';
import { integer, octets, oid, sequence } from './der.ts';

const PLACES = ['GSP FMC', 'GSP BROM', 'Provisioner', 'Identity', 'Device Identity CA'] as const;
const pairs = PLACES.map(() => p384()) as unknown as readonly [KeyPair, KeyPair, KeyPair, KeyPair, KeyPair];
const rimPairs = { leaf: p384(), root: p384() };

export const NONCE = new Uint8Array(32).fill(0x4e);
const FIRMWARE = new Uint8Array(48).fill(0xf1);
export const DRIVER = '550.90.07';
export const VBIOS = '96.00.9F.00.01';
export const MEASURED = Array.from({ length: 64 }, (_, i) => sha('sha384', Uint8Array.of(i)));

export interface GpuWish {
  readonly request?: Uint8Array;
  readonly nonce?: Uint8Array;
  readonly measurements?: readonly Uint8Array[];
  /** Opaque fields that differ, or are left out, by type. */
  readonly opaque?: { readonly [type: number]: Uint8Array | undefined };
  readonly firmware?: Uint8Array | null;
  readonly certificates?: { readonly [place: number]: Partial<CertificateFields> };
  readonly links?: number;
  readonly rootList?: Partial<CrlFields>;
  readonly identityList?: Partial<CrlFields>;
  readonly signer?: KeyPair;
}

export interface MintedGpu {
  readonly evidence: Uint8Array;
  readonly certificates: readonly Uint8Array[];
  readonly chain: Uint8Array;
  readonly rootCrl: Uint8Array;
  readonly identityCrl: Uint8Array;
  readonly roots: readonly Uint8Array[];
}

export function mintGpu(wish: GpuWish = {}): MintedGpu {
  const { measurements = MEASURED, firmware = FIRMWARE } = wish;
  const blocks = measurements.map((value, i) =>
    concat(Uint8Array.of(i + 1, 1), u16le(value.length + 3), Uint8Array.of(1), u16le(value.length), value),
  );
  const record = concat(...blocks);
  const fields: { readonly [type: number]: Uint8Array | undefined } = {
    [OPAQUE.vbiosVersion]: Uint8Array.of(0x00, 0x9f, 0x00, 0x96, 0x01, 0, 0, 0),
    [OPAQUE.chipSku]: utf8('882\0\0'),
    [OPAQUE.project]: utf8('1010\0'),
    [OPAQUE.projectSku]: utf8('0200\0'),
    [OPAQUE.driverVersion]: utf8(`${DRIVER}\0`),
    [OPAQUE.nvdec0]: Uint8Array.of(0x55),
    [OPAQUE.firmwareId]: FIRMWARE,
    ...wish.opaque,
  };
  const opaque = concat(
    ...Object.entries(fields).flatMap(([type, value]) =>
      value === undefined ? [] : [u16le(Number(type)), u16le(value.length), value],
    ),
  );
  const signed = concat(
    wish.request ?? Uint8Array.of(0x11, 0xe0, 0x01, 0xff),
    wish.nonce ?? NONCE,
    Uint8Array.of(0),
    Uint8Array.of(0x11, 0x60, 0, 0, measurements.length),
    u32le(record.length).subarray(0, 3),
    record,
    new Uint8Array(32).fill(0x77),
    u16le(opaque.length),
    opaque,
  );
  const id = sequence(oid(SHA384_ID), octets(firmware ?? FIRMWARE));
  const leafExtensions = firmware === null ? [] : [extension(FIRMWARE_ID_EXTENSION, sequence(integer(1), sequence(), id))];
  const links = PLACES.map((name, i) => ({ name, pair: pairs[i] as KeyPair, extensions: i === 0 ? leafExtensions : [] }));
  const certificates = chainOf(links.slice(-(wish.links ?? 5)), wish.certificates);
  const list = { number: 3, thisUpdate: NOW - DAY, nextUpdate: NOW + DAY, revoked: [] };
  return {
    evidence: concat(signed, signRaw((wish.signer ?? pairs[0]).privateKey, signed)),
    certificates,
    chain: pemOf(certificates),
    rootCrl: crl({ ...list, issuer: PLACES[4], signer: pairs[4].privateKey, ...wish.rootList }),
    identityCrl: crl({ ...list, issuer: PLACES[3], signer: pairs[3].privateKey, ...wish.identityList }),
    roots: [certificates.at(-1) as Uint8Array, rimRoot],
  };
}

const rimLinks = [
  { name: 'RIM signer', pair: rimPairs.leaf },
  { name: 'CoRIM root', pair: rimPairs.root },
];
const rimChain = chainOf(rimLinks);
const rimRoot = rimChain[1] as Uint8Array;

export interface RimWish {
  readonly version: string;
  readonly product?: string;
  /** Numbers of measurements that are active, with their values. */
  readonly golden: ReadonlyMap<number, readonly Uint8Array[]>;
  readonly certificates?: { readonly [place: number]: Partial<CertificateFields> };
  /** Changes the text after it was signed. */
  readonly edit?: (text: string) => string;
  readonly signer?: KeyPair;
}

/** Values of the measurements with these numbers, as a GPU tells them. */
export function goldenOf(...indices: readonly number[]): ReadonlyMap<number, readonly Uint8Array[]> {
  return new Map(indices.map((index) => [index, [MEASURED[index] as Uint8Array]]));
}

/**
 * Reference values, signed. They are written in canonical form at once, but for the elements without content: what is signed has an end tag for each,
 * what is handed out does not, so that a verifier has to make the form itself.
 */
export function mintRim({ version, product = 'GH100', golden, certificates, edit, signer = rimPairs.leaf }: RimWish): Uint8Array {
  const resources = Array.from({ length: 64 }, (_, index) => {
    const values = golden.get(index) ?? [new Uint8Array(48)];
    const hashes = values.map((value, i) => ` ns2:Hash${i}="${toHex(value)}"`).join('');
    const rest = `active="${golden.has(index) ? 'True' : 'False'}" alternatives="${values.length}" index="${index}" name="Measurement_${index}" size="48" type="Measurement"`;
    return `    <ns0:Resource ${rest}${hashes}></ns0:Resource>\n`;
  });
  const open = `<SoftwareIdentity xmlns="${SWID}" xmlns:ns0="${SWID}" xmlns:ns2="${SHA384_NAMESPACE}" name="${product}">`;
  const meta = `\n  <ns0:Meta colloquialVersion="${version}" product="${product}"></ns0:Meta>`;
  const body = `${open}${meta}\n  <ns0:Payload>\n${resources.join('')}  </ns0:Payload>\n`;
  const digest = Buffer.from(sha('sha384', utf8(`${body}</SoftwareIdentity>`))).toString('base64');
  const use = (name: string, algorithm: string) => `<ds:${name} Algorithm="${algorithm}"></ds:${name}>`;
  const info = (declared: string) =>
    `<ds:SignedInfo${declared}>${use('CanonicalizationMethod', XML_ALGORITHMS.canonical)}${use('SignatureMethod', XML_ALGORITHMS.signature)}` +
    `<ds:Reference URI=""><ds:Transforms>${use('Transform', XML_ALGORITHMS.enveloped)}${use('Transform', XML_ALGORITHMS.canonical)}</ds:Transforms>` +
    `${use('DigestMethod', XML_ALGORITHMS.digest)}<ds:DigestValue>${digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>`;
  const scope = ` xmlns="${SWID}" xmlns:ds="${XML_SIGNATURE}" xmlns:ns0="${SWID}" xmlns:ns2="${SHA384_NAMESPACE}"`;
  const signature = Buffer.from(signRaw(signer.privateKey, utf8(info(scope)))).toString('base64');
  const chain = certificates === undefined ? rimChain : [chainOf(rimLinks, certificates)[0] as Uint8Array, rimRoot];
  const keys = chain.map((der) => `<ds:X509Certificate>${Buffer.from(der).toString('base64')}\n</ds:X509Certificate>`).join('');
  const text =
    `${body}<ds:Signature xmlns:ds="${XML_SIGNATURE}">${info('')}<ds:SignatureValue>${signature}</ds:SignatureValue>` +
    `<ds:KeyInfo><ds:X509Data>${keys}</ds:X509Data></ds:KeyInfo></ds:Signature></SoftwareIdentity>`;
  const handedOut = text.replaceAll(/><\/(?:ns0:Resource|ns0:Meta|ds:\w+Method|ds:Transform)>/g, '/>');
  return utf8(edit === undefined ? handedOut : edit(handedOut));
}
