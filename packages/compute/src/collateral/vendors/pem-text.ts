import { fromBase64, fromUtf8, PerigeeError, toBase64, utf8 } from '@perigee/wire';

const BLOCK = /-----BEGIN CERTIFICATE-----([A-Za-z0-9+/=\s]+)-----END CERTIFICATE-----/g;
const LINE = /.{1,64}/g;

/** Certificates of a PEM text as services write it: with any line breaks. @throws PARSE */
export function certificatesIn(text: string): Uint8Array[] {
  return [...text.matchAll(BLOCK)].map(([, digits = '']) => fromBase64(digits.replace(/\s/g, '')));
}

/**
 * The same certificates in the one form that bundles hold, so that two who asked have the same file.
 *
 * @param count that there must be
 * @throws PARSE
 */
export function strictPem(text: string, count: number): Uint8Array {
  const certificates = certificatesIn(text);
  if (certificates.length !== count) {
    throw new PerigeeError('PARSE', `a chain of ${certificates.length} certificates came where ${count} are due`);
  }
  const blocks = certificates.map((der) => {
    const lines = toBase64(der).match(LINE) ?? [];
    return `-----BEGIN CERTIFICATE-----\n${lines.join('\n')}\n-----END CERTIFICATE-----\n`;
  });
  return utf8(blocks.join(''));
}

/** DER, or hexadecimal of it, as mirrors of Intel's service give lists. */
export function derOrHex(bytes: Uint8Array): Uint8Array {
  if (bytes[0] === 0x30 && bytes[1] !== undefined && bytes[1] >= 0x80) return bytes;
  const text = fromUtf8(bytes).trim();
  return /^(?:[0-9a-fA-F]{2})+$/.test(text)
    ? Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16))
    : bytes;
}
