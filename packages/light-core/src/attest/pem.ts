import { fromBase64, fromUtf8, MAX_CERTIFICATE_BYTES, MAX_CHAIN_CERTIFICATES } from '@perigee/wire';
import { malformed, refuse, tooLarge } from './code.ts';

const BEGIN = '-----BEGIN CERTIFICATE-----\n';
const END = '\n-----END CERTIFICATE-----';
/** Base64 digits of a line (RFC 7468 §2). */
const LINE = 64;
/** Of the longest certificate, with line breaks and words around it. */
const MAX_BLOCK = Math.ceil((MAX_CERTIFICATE_BYTES * 4) / 3) + 256;

/**
 * Certificates in PEM, in its one strict form (RFC 7468 §3: lines of 64 digits, ended by one line feed), so that the same certificates are the same bytes.
 * Behind the last one a line feed and a zero byte may stand, as Intel's quotes have them.
 *
 * @returns DER of each, at most as many as a chain may have
 * @throws ATTESTATION (PEM, TOO_LARGE)
 */
export function readPem(bytes: Uint8Array): Uint8Array[] {
  if (bytes.length > MAX_BLOCK * MAX_CHAIN_CERTIFICATES) throw tooLarge('PEM');
  let text: string;
  try {
    text = fromUtf8(bytes);
  } catch (cause) {
    throw refuse('PEM', 'PEM is not text', cause);
  }
  const certificates: Uint8Array[] = [];
  let at = 0;
  while (at < text.length) {
    const end = text.indexOf(END, at);
    if (!text.startsWith(BEGIN, at) || end < 0) throw malformed('PEM', `PEM, at character ${at},`);
    if (certificates.length === MAX_CHAIN_CERTIFICATES) throw refuse('CHAIN_LENGTH', 'the chain has too many certificates');
    certificates.push(decode(text.slice(at + BEGIN.length, end)));
    at = end + END.length;
    if (text.startsWith('\n', at)) at++;
    if (at === text.length - 1 && text.endsWith('\0')) at++;
  }
  return certificates;
}

function decode(body: string): Uint8Array {
  const lines = body.split('\n');
  if (!lines.every((line, i) => (i < lines.length - 1 ? line.length === LINE : line.length > 0 && line.length <= LINE))) {
    throw malformed('PEM', 'a line of PEM');
  }
  try {
    return fromBase64(lines.join(''));
  } catch (cause) {
    throw refuse('PEM', 'PEM is not base64', cause);
  }
}
