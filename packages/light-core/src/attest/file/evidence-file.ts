import {
  COLLATERAL_MAGIC,
  equal,
  fromBase64,
  fromHex,
  fromUtf8,
  MAX_ATTESTATION_BYTES,
  MAX_ATTESTATION_FILE_BYTES,
  PerigeeError,
} from '@perigee/wire';
import { collateralOf, decodeBundle } from '../bundle/index.ts';
import type { Collateral } from '../collateral.ts';
import { isDcapCollateral, readDcapCollateral } from './dcap-collateral.ts';
import { isDstackQuote, readDstackQuote } from './dstack-quote.ts';
import { BUNDLE_FORMAT, decodeEvidenceBundle } from './evidence-bundle.ts';
import { jsonValue } from './json-value.ts';

/** What a guest tells of itself beside its quote; the quote's registers vouch for it. */
export interface GuestFiles {
  /** JSON, as dstack hands it out. */
  readonly eventLog: Uint8Array;
  /** The exact bytes of the application's description. */
  readonly appCompose?: Uint8Array;
}

/** What a person can hand over to be checked. Nothing of it is verified. */
export interface EvidenceFile {
  /** `raw`: bytes of the evidence; `text`: the same in hexadecimal or base64; `bundle`: ours; `dstack`: the answer of a dstack agent. */
  readonly kind: 'raw' | 'text' | 'bundle' | 'dstack';
  readonly evidence: Uint8Array;
  readonly collateral: Collateral;
  readonly guest?: GuestFiles;
}

const TEXT = /^[\t\n\r\x20-\x7e]*$/;
const LINE_BREAKS = /[\r\n]+/g;
/** Of the longest evidence in hexadecimal, as often again for line breaks. */
const MAX_DIGITS = 4 * MAX_ATTESTATION_BYTES;

/**
 * Tells what a file is, and takes it apart. Which platform's evidence it holds is seen when that is verified.
 *
 * @throws INVALID_ARGUMENT for an empty file, and one that is longer than any is; PARSE, UNKNOWN_VERSION
 */
export function readEvidenceFile(bytes: Uint8Array): EvidenceFile {
  if (bytes.length === 0 || bytes.length > MAX_ATTESTATION_FILE_BYTES) {
    const words = `a file of evidence has 1 to ${MAX_ATTESTATION_FILE_BYTES} bytes, and this one has ${bytes.length}`;
    throw new PerigeeError('INVALID_ARGUMENT', words);
  }
  const text = textOf(bytes);
  if (text === undefined) return { kind: 'raw', evidence: bytes, collateral: {} };
  if (!text.trimStart().startsWith('{')) {
    if (bytes.length > MAX_DIGITS) {
      const words = `evidence in hexadecimal or base64 has at most ${MAX_DIGITS} characters, and this has ${bytes.length}`;
      throw new PerigeeError('INVALID_ARGUMENT', words);
    }
    return { kind: 'text', evidence: digitsOf(text), collateral: {} };
  }
  const value = objectOf(text);
  if (value.format === BUNDLE_FORMAT) return decodeEvidenceBundle(value);
  if (isDstackQuote(value)) return readDstackQuote(value);
  throw new PerigeeError(
    'PARSE',
    `the JSON is no evidence: a bundle says "format": "${BUNDLE_FORMAT}", and the answer of a dstack agent has "quote"`,
  );
}

/**
 * Collateral that a person hands over beside evidence: a file of collateral, a bundle with or without evidence in it, or the JSON that DCAP tools keep.
 *
 * @throws INVALID_ARGUMENT, PARSE, UNKNOWN_VERSION
 */
export function readCollateralFile(bytes: Uint8Array): Collateral {
  if (bytes.length > MAX_ATTESTATION_FILE_BYTES) {
    const words = `a file of collateral has at most ${MAX_ATTESTATION_FILE_BYTES} bytes, and this one has ${bytes.length}`;
    throw new PerigeeError('INVALID_ARGUMENT', words);
  }
  if (equal(bytes.subarray(0, COLLATERAL_MAGIC.length), COLLATERAL_MAGIC)) return collateralOf(decodeBundle(bytes));
  const value = objectOf(textOf(bytes) ?? '');
  if (value.format === BUNDLE_FORMAT) return decodeEvidenceBundle({ evidence: '', ...value }).collateral;
  if (isDcapCollateral(value)) return { intel: readDcapCollateral(value) };
  const words = `the JSON is no collateral: a file of it begins with "PGCO", and a bundle says "format": "${BUNDLE_FORMAT}"`;
  throw new PerigeeError('PARSE', words);
}

/** Nothing but printable ASCII; evidence in bytes has some other among its first. */
function textOf(bytes: Uint8Array): string | undefined {
  try {
    const text = fromUtf8(bytes);
    return TEXT.test(text.slice(0, 64)) ? text : undefined;
  } catch {
    return undefined; // no text at all
  }
}

function objectOf(text: string): Readonly<Record<string, unknown>> {
  const value = jsonValue(text, 'the file');
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new PerigeeError('PARSE', 'the JSON is no object');
}

/** Hexadecimal or base64, broken into lines or not. */
function digitsOf(text: string): Uint8Array {
  const digits = text.trim().replace(LINE_BREAKS, '');
  if (/^(0x)?[0-9a-fA-F]+$/.test(digits) && digits.length % 2 === 0) return fromHex(digits);
  return fromBase64(digits);
}
