/** XML signatures (W3C, "XML Signature Syntax and Processing") in the one form that NVIDIA uses: enveloped, canonical XML 1.1, ECDSA with SHA-384. */
import { equal, fromBase64, MAX_CHAIN_CERTIFICATES } from '@perigee/wire';
import { refuse } from '../../code.ts';
import type { AttestCrypto } from '../../crypto.ts';
import type { Certificate } from '../../x509.ts';
import { canonicalXml } from './canonical.ts';
import type { XmlElement } from './xml.ts';

export const XML_SIGNATURE = 'http://www.w3.org/2000/09/xmldsig#';
export const XML_ALGORITHMS = {
  canonical: 'http://www.w3.org/2006/12/xml-c14n11',
  enveloped: 'http://www.w3.org/2000/09/xmldsig#enveloped-signature',
  signature: 'http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha384',
  digest: 'http://www.w3.org/2001/04/xmldsig-more#sha384',
} as const;

/** A signature that was read, over all of the document that it stands in but itself. */
export interface XmlSignature {
  /** What is signed. */
  readonly signed: Uint8Array;
  /** r and s, 48 bytes each. */
  readonly signature: Uint8Array;
  /** What the rest of the document must hash to, and the rest. */
  readonly digest: Uint8Array;
  readonly covered: Uint8Array;
  /** DER, leaf first. */
  readonly certificates: readonly Uint8Array[];
}

/**
 * Reads the signature of a document.
 *
 * @throws refusals PARSE, ALGORITHM
 */
export function readXmlSignature(root: XmlElement): XmlSignature {
  const signatures = elements(root).filter(({ local, namespace }) => local === 'Signature' && namespace === XML_SIGNATURE);
  const [element] = signatures;
  if (element === undefined || signatures.length > 1)
    throw refuse('PARSE', `The reference values have ${signatures.length} signatures, not one.`);
  const [info, value, keys] = only(element, ['SignedInfo', 'SignatureValue', 'KeyInfo']);
  const [method, signature, reference] = only(info, ['CanonicalizationMethod', 'SignatureMethod', 'Reference']);
  const [transforms, digestMethod, digestValue] = only(reference, ['Transforms', 'DigestMethod', 'DigestValue']);
  const [first, second] = only(transforms, ['Transform', 'Transform']);
  const uses: readonly (readonly [XmlElement, string])[] = [
    [method, XML_ALGORITHMS.canonical],
    [signature, XML_ALGORITHMS.signature],
    [first, XML_ALGORITHMS.enveloped],
    [second, XML_ALGORITHMS.canonical],
    [digestMethod, XML_ALGORITHMS.digest],
  ];
  for (const [user, algorithm] of uses) {
    const [one, ...more] = user.attributes;
    if (one?.name !== 'Algorithm' || one.value !== algorithm || more.length > 0 || user.children.length > 0) {
      throw refuse('ALGORITHM', `${user.local} of the reference values is not ${algorithm}.`);
    }
  }
  const [uri, ...others] = reference.attributes;
  if (uri?.name !== 'URI' || uri.value !== '' || others.length > 0)
    throw refuse('PARSE', 'The signature does not cover all of the reference values.');
  const [data] = only(keys, ['X509Data']);
  const certificates = elements(data).map((one) => {
    if (one.local !== 'X509Certificate' || one.namespace !== XML_SIGNATURE)
      throw refuse('PARSE', 'The signature has keys besides certificates.');
    return base64(one, 'a certificate');
  });
  if (certificates.length > MAX_CHAIN_CERTIFICATES)
    throw refuse('CHAIN_LENGTH', `The signature has ${certificates.length} certificates.`);
  return {
    signed: canonicalXml(info),
    signature: base64(value, 'the signature'),
    digest: base64(digestValue, 'the digest'),
    covered: canonicalXml(root, element),
    certificates,
  };
}

/** @throws refusals SIGNATURE, KEY */
export async function checkXmlSignature(
  { signed, signature, digest, covered }: XmlSignature,
  { key }: Certificate,
  primitives: AttestCrypto,
): Promise<void> {
  if (key.type !== 'P-384') throw refuse('KEY', `The key of the reference values is one of ${key.type}, not of P-384.`);
  if (!equal(await primitives.sha384(covered), digest))
    throw refuse('SIGNATURE', 'The reference values are not those that were signed.');
  if (!(await primitives.verifyEcdsa(key, signed, signature)))
    throw refuse('SIGNATURE', 'The signature of the reference values is wrong.');
}

function elements({ children }: XmlElement): readonly XmlElement[] {
  return children.filter((child) => typeof child !== 'string');
}

/** Exactly these children, and nothing but space between them. */
function only<const Names extends readonly string[]>(parent: XmlElement, names: Names): { [i in keyof Names]: XmlElement } {
  const found = elements(parent);
  const isRight =
    found.length === names.length &&
    found.every(({ local, namespace }, i) => local === names[i] && namespace === XML_SIGNATURE) &&
    parent.children.every((child) => typeof child !== 'string' || child.trim() === '');
  if (!isRight)
    throw refuse('PARSE', `${parent.local} of the reference values does not hold ${names.join(', ')} and nothing else.`);
  return found as { [i in keyof Names]: XmlElement };
}

function base64({ children }: XmlElement, what: string): Uint8Array {
  const [text, ...more] = children;
  try {
    if (typeof text === 'string' && more.length === 0) return fromBase64(text.replace(/[ \n\t]/g, ''));
  } catch (cause) {
    throw refuse('PARSE', `In the reference values ${what} is not base64.`, cause);
  }
  throw refuse('PARSE', `In the reference values ${what} is no text.`);
}
