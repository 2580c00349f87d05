import { sha384 } from '@noble/hashes/sha2.js';
import { toBase64, toHex, utf8 } from '@perigee/wire';
import { applied } from '../authority.ts';
import type { Change } from '../certificate.ts';
import type { CurveKey } from '../signing-key.ts';
import type { GpuPki } from './pki.ts';

const SWID = 'http://standards.iso.org/iso/19770/-2/2015/schema.xsd';
const SHA384 = 'http://www.w3.org/2001/04/xmlenc#sha384';
const SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';
const CANONICAL = 'http://www.w3.org/2006/12/xml-c14n11';

/** Reference values of one part of a GPU's software, and who signs them. */
export interface RimFields {
  readonly product: string;
  /** Of the driver or the VBIOS. */
  readonly version: string;
  /** Number of a measurement and the values that it may have, 48 bytes each. */
  readonly golden: ReadonlyMap<number, readonly Uint8Array[]>;
  readonly signer: CurveKey;
  /** DER, leaf first. */
  readonly certificates: readonly Uint8Array[];
}

/**
 * A file of reference values: a software identification tag (ISO 19770-2, TCG RIM) with an enveloped XML signature. It is written in canonical form, so
 * that what is hashed is what is written.
 */
export function writeRim(pki: GpuPki, values: Pick<RimFields, 'version' | 'golden'>, change?: Change<RimFields>): Uint8Array {
  const { rimSigner, rimRoot } = pki.certificates;
  const fields = applied<RimFields>(change, {
    product: 'GH100',
    ...values,
    signer: pki.keys.rimSigner,
    certificates: [rimSigner, rimRoot],
  });
  const open = `<SoftwareIdentity xmlns="${SWID}" xmlns:SHA384="${SHA384}" name="Perigee simulation" version="1">`;
  const meta = `<Meta colloquialVersion="${fields.version}" product="${fields.product}"></Meta>`;
  const body = `${meta}<Payload>${[...fields.golden].map(resource).join('')}</Payload>`;
  const digest = toBase64(sha384(utf8(`${open}${body}</SoftwareIdentity>`)));
  const info = signedInfo(digest);
  // alone, it brings the namespaces that hold where it stands
  const signed = info.replace('<SignedInfo>', `<SignedInfo xmlns="${SIGNATURE}" xmlns:SHA384="${SHA384}">`);
  const value = toBase64(fields.signer.signCompact(utf8(signed)));
  const keys = fields.certificates.map((der) => `<X509Certificate>${toBase64(der)}</X509Certificate>`).join('');
  const signature =
    `<Signature xmlns="${SIGNATURE}">${info}<SignatureValue>${value}</SignatureValue>` +
    `<KeyInfo><X509Data>${keys}</X509Data></KeyInfo></Signature>`;
  return utf8(`${open}${body}${signature}</SoftwareIdentity>`);
}

function resource([index, values]: readonly [number, readonly Uint8Array[]]): string {
  const hashes = values.map((value, i) => ` SHA384:Hash${i}="${toHex(value)}"`).join('');
  return `<Resource active="True" alternatives="${values.length}" index="${index}" size="48" type="Measurement"${hashes}></Resource>`;
}

function signedInfo(digest: string): string {
  const method = (name: string, algorithm: string): string => `<${name} Algorithm="${algorithm}"></${name}>`;
  const transforms = method('Transform', `${SIGNATURE}enveloped-signature`) + method('Transform', CANONICAL);
  return (
    `<SignedInfo>${method('CanonicalizationMethod', CANONICAL)}` +
    `${method('SignatureMethod', 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384')}` +
    `<Reference URI=""><Transforms>${transforms}</Transforms>` +
    `${method('DigestMethod', 'http://www.w3.org/2001/04/xmldsig-more#sha384')}` +
    `<DigestValue>${digest}</DigestValue></Reference></SignedInfo>`
  );
}
