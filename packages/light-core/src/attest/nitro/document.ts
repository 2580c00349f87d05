import { toHex } from '@perigee/wire';
import { refuse } from '../code.ts';
import { type Cbor, type CborMap, readCbor } from './cbor.ts';

/** What a Nitro enclave attests, as its bytes say, nothing verified (AWS: "Attestation document specification"). */
export interface NitroDocument {
  readonly moduleId: string;
  /** Milliseconds since 1970, by the clock of the module. */
  readonly timestamp: number;
  /** By number, 48 bytes each. */
  readonly pcrs: ReadonlyMap<number, Uint8Array>;
  /** DER; its key signed the document. */
  readonly certificate: Uint8Array;
  /** DER, root first. */
  readonly caBundle: readonly Uint8Array[];
  /** What the enclave chose; each may be absent. */
  readonly publicKey: Uint8Array | undefined;
  readonly userData: Uint8Array | undefined;
  readonly nonce: Uint8Array | undefined;
}

/** Bounds of the specification, bytes; it allows 64-byte registers too, which no module has with SHA-384. */
const MAX_PCRS = 32;
const PCR_BYTES = 48;
const MAX_CERTIFICATE_BYTES = 1_024;
const MAX_PUBLIC_KEY_BYTES = 1_024;
const MAX_USER_DATA_BYTES = 512;
const MAX_NONCE_BYTES = 512;
const MAX_BUNDLE = 8;

const MEMBERS: ReadonlySet<number | string> = new Set([
  'module_id',
  'digest',
  'timestamp',
  'pcrs',
  'certificate',
  'cabundle',
  'public_key',
  'user_data',
  'nonce',
]);

/** @throws refusals: PARSE, TOO_LARGE, TRAILING_BYTES */
export function readNitroDocument(payload: Uint8Array): NitroDocument {
  const map = readCbor(payload);
  if (!(map instanceof Map)) throw refuse('PARSE', 'The payload of the document is no map.');
  const members: CborMap = map;
  const unknown = [...members.keys()].find((key) => !MEMBERS.has(key));
  if (unknown !== undefined)
    throw refuse('PARSE', `The document has a member "${String(unknown).slice(0, 40)}" that is not known.`);
  const moduleId = members.get('module_id');
  if (typeof moduleId !== 'string' || moduleId === '') throw refuse('PARSE', 'The document names no module.');
  if (members.get('digest') !== 'SHA384') throw refuse('PARSE', 'The registers of the document are not of SHA-384.');
  const timestamp = members.get('timestamp');
  if (typeof timestamp !== 'number' || timestamp <= 0) throw refuse('PARSE', 'The document has no time.');
  return {
    moduleId,
    timestamp,
    pcrs: readPcrs(members.get('pcrs')),
    certificate: bytesOf(members.get('certificate'), 'certificate', 1, MAX_CERTIFICATE_BYTES),
    caBundle: readBundle(members.get('cabundle')),
    publicKey: optional(members.get('public_key'), 'public key', 1, MAX_PUBLIC_KEY_BYTES),
    userData: optional(members.get('user_data'), 'user data', 0, MAX_USER_DATA_BYTES),
    nonce: optional(members.get('nonce'), 'nonce', 0, MAX_NONCE_BYTES),
  };
}

function readPcrs(value: Cbor | undefined): ReadonlyMap<number, Uint8Array> {
  if (!(value instanceof Map) || value.size === 0 || value.size > MAX_PCRS)
    throw refuse('PARSE', `The document has not 1 to ${MAX_PCRS} registers.`);
  const pcrs = new Map<number, Uint8Array>();
  for (const [index, register] of value as CborMap) {
    if (typeof index !== 'number' || index < 0 || index >= MAX_PCRS)
      throw refuse('PARSE', `The document has a register "${String(index).slice(0, 40)}".`);
    pcrs.set(index, bytesOf(register, `PCR${index}`, PCR_BYTES, PCR_BYTES));
  }
  return pcrs;
}

function readBundle(value: Cbor | undefined): readonly Uint8Array[] {
  if (!Array.isArray(value) || value.length === 0 || value.length > MAX_BUNDLE) {
    throw refuse('PARSE', `The document has not 1 to ${MAX_BUNDLE} certificates of issuers.`);
  }
  return value.map((one, i) => bytesOf(one, `certificate ${i} of the issuers`, 1, MAX_CERTIFICATE_BYTES));
}

function optional(value: Cbor | undefined, what: string, least: number, most: number): Uint8Array | undefined {
  return value === undefined || value === null ? undefined : bytesOf(value, what, least, most);
}

function bytesOf(value: Cbor | undefined, what: string, least: number, most: number): Uint8Array {
  if (!(value instanceof Uint8Array)) throw refuse('PARSE', `The document's ${what} is missing or no byte string.`);
  if (value.length < least || value.length > most) {
    throw refuse(
      'PARSE',
      `The document's ${what} has ${value.length} bytes (${toHex(value.subarray(0, 8))}…), not ${least} to ${most}.`,
    );
  }
  return value;
}
