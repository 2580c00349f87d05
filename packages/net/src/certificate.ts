import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  sign,
  X509Certificate,
} from 'node:crypto';
import { join } from 'node:path';
import { concat, PerigeeError } from '@perigee/wire';
import { bitString, dnsName, explicit, integer, objectId, octetString, sequence, set, text, utcTime } from './der.ts';
import { cryptoRandomBytes } from './random.ts';
import { readSecret, writeSecret } from './secret-file.ts';

/** What @libp2p/webrtc takes: two PEMs, and the multibase multihash that goes into `/certhash/` of the address. */
export interface WebRtcCertificate {
  readonly privateKey: string;
  readonly pem: string;
  readonly certhash: string;
}

const DAY_MS = 24 * 3_600_000;
/** Peers check the hash in the address, never the dates; a long life keeps addresses and peer records valid. */
const LIFETIME_MS = 365 * DAY_MS;
/** A host that starts with less life left than this makes a new certificate. */
const RENEW_BEFORE_MS = 30 * DAY_MS;
/** Clocks differ. */
const BACKDATE_MS = DAY_MS;

/** ecdsa-with-SHA256, 1.2.840.10045.4.3.2 */
const ECDSA_SHA256 = sequence(objectId(0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x03, 0x02));
/** CN (2.5.4.3) = perigee: a name is required and says nothing. */
const NAME = sequence(set(sequence(objectId(0x55, 0x04, 0x03), text('perigee'))));
/** INTEGER 2: X.509 version 3 */
const VERSION_3 = explicit(0, integer(Uint8Array.of(2)));

/** [3] EXPLICIT: subjectAltName (2.5.29.17), the DNS name perigee. It says nothing, but Chromium takes no certificate without extensions for WebTransport. */
const EXTENSIONS = explicit(3, sequence(sequence(objectId(0x55, 0x1d, 0x11), octetString(sequence(dnsName('perigee'))))));

export function createCertificate(now = Date.now()): WebRtcCertificate {
  const { key, certificate } = selfSigned(now - BACKDATE_MS, now + LIFETIME_MS);
  return describe(key, certificate);
}

/** A new P-256 key and a certificate that it signs for itself (RFC 5280 §4.1), valid between two times in milliseconds, whole seconds of which count. */
export function selfSigned(
  notBefore: number,
  notAfter: number,
): { readonly key: KeyObject; readonly certificate: X509Certificate } {
  const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  const serial = cryptoRandomBytes(16);
  serial[0] = ((serial[0] as number) & 0x7f) | 0x40;
  const body = sequence(
    VERSION_3,
    integer(serial),
    ECDSA_SHA256,
    NAME,
    sequence(utcTime(new Date(notBefore)), utcTime(new Date(notAfter))),
    NAME,
    publicKey.export({ type: 'spki', format: 'der' }),
    EXTENSIONS,
  );
  const signature = bitString(sign('sha256', body, privateKey));
  return { key: privateKey, certificate: new X509Certificate(sequence(body, ECDSA_SHA256, signature)) };
}

/**
 * The certificate of a folder, `webrtc.pem`: made at the first call and again when it is about to expire.
 *
 * @throws STORE_CORRUPT when the file is not a P-256 key and its certificate
 */
export async function loadCertificate(directory: string, now = Date.now()): Promise<WebRtcCertificate> {
  const path = join(directory, 'webrtc.pem');
  const stored = await readSecret(path);
  if (stored !== undefined) {
    const { key, certificate } = parse(stored, path);
    if (Date.parse(certificate.validTo) - now > RENEW_BEFORE_MS) return describe(key, certificate);
  }
  const made = createCertificate(now);
  await writeSecret(path, `${made.privateKey.trim()}\n${made.pem.trim()}\n`);
  return made;
}

function parse(pems: string, path: string): { key: KeyObject; certificate: X509Certificate } {
  try {
    const key = createPrivateKey(pems);
    const certificate = new X509Certificate(pems);
    if (!createPublicKey(key).equals(certificate.publicKey))
      throw new PerigeeError('INVALID_ARGUMENT', 'the key is not that of the certificate');
    return { key, certificate };
  } catch (cause) {
    throw new PerigeeError('STORE_CORRUPT', `${path} does not hold a key and its certificate; remove it to get a new one`, {
      cause,
    });
  }
}

/** Multihash of a certificate: sha2-256 is code 0x12 with 0x20 bytes. */
export function certificateHash(certificate: X509Certificate): Uint8Array {
  return concat(Uint8Array.of(0x12, 0x20), createHash('sha256').update(certificate.raw).digest());
}

function describe(key: KeyObject, certificate: X509Certificate): WebRtcCertificate {
  // multibase `u` is base64url without padding
  return {
    privateKey: key.export({ type: 'pkcs8', format: 'pem' }).toString(),
    pem: certificate.toString(),
    certhash: `u${Buffer.from(certificateHash(certificate)).toString('base64url')}`,
  };
}
