/** COSE_Sign1 (RFC 9052 §4.2) with ES384, as the Nitro Secure Module makes it. */
import { concat, equal } from '@perigee/wire';
import { refuse } from '../code.ts';
import { readCbor } from './cbor.ts';

export interface CoseSign1 {
  readonly payload: Uint8Array;
  /** What is signed: the Sig_structure of RFC 9052 §4.4. */
  readonly signed: Uint8Array;
  /** r and s, 48 bytes each. */
  readonly signature: Uint8Array;
}

const COSE_SIGN1_TAG = 18;
/** The one protected header: `{1: -35}`, algorithm ES384. */
export const COSE_ES384 = Uint8Array.of(0xa1, 0x01, 0x38, 0x22);
const COSE_SIGNATURE_BYTES = 96;

/**
 * @throws refusals: PARSE, TOO_LARGE, TRAILING_BYTES; ALGORITHM for another than ES384
 */
export function readCoseSign1(bytes: Uint8Array): CoseSign1 {
  const parts = readCbor(bytes, COSE_SIGN1_TAG);
  if (!Array.isArray(parts) || parts.length !== 4) throw refuse('PARSE', 'The document is no COSE_Sign1 of four parts.');
  const [header, unprotected, payload, signature] = parts;
  if (!(header instanceof Uint8Array) || !equal(header, COSE_ES384)) {
    throw refuse('ALGORITHM', 'The document is not signed with ES384, which is what the Nitro Secure Module uses.');
  }
  if (!(unprotected instanceof Map) || unprotected.size > 0) {
    throw refuse('PARSE', 'The document has headers that its signature does not cover.');
  }
  if (!(payload instanceof Uint8Array)) throw refuse('PARSE', 'The document has no payload.');
  if (!(signature instanceof Uint8Array) || signature.length !== COSE_SIGNATURE_BYTES) {
    throw refuse('PARSE', `The document's signature is not of ${COSE_SIGNATURE_BYTES} bytes.`);
  }
  return { payload, signed: coseSigned(payload), signature };
}

/** `["Signature1", protected header, no more data, payload]` in CBOR. */
export function coseSigned(payload: Uint8Array): Uint8Array {
  const CONTEXT = Uint8Array.of(0x84, 0x6a, 0x53, 0x69, 0x67, 0x6e, 0x61, 0x74, 0x75, 0x72, 0x65, 0x31);
  return concat(CONTEXT, byteString(COSE_ES384), byteString(new Uint8Array(0)), byteString(payload));
}

/** A byte string below 64 KiB in CBOR. */
function byteString(bytes: Uint8Array): Uint8Array {
  const { length } = bytes;
  const head = length < 24 ? [0x40 | length] : length < 256 ? [0x58, length] : [0x59, length >> 8, length & 0xff];
  return concat(Uint8Array.from(head), bytes);
}
