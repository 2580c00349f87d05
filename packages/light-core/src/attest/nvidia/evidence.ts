import { MAX_ATTESTATION_BYTES, MAX_GPU_MEASUREMENTS, MAX_GPU_OPAQUE_FIELDS, toHex } from '@perigee/wire';
import { refuse } from '../code.ts';
import {
  OPAQUE,
  SPDM_ALL_MEASUREMENTS,
  SPDM_BLOCK_HEADER_BYTES,
  SPDM_DMTF,
  SPDM_DMTF_HEADER_BYTES,
  SPDM_GET_MEASUREMENTS,
  SPDM_MEASUREMENTS,
  SPDM_NONCE_BYTES,
  SPDM_REQUEST_BYTES,
  SPDM_RESPONSE_HEADER_BYTES,
  SPDM_SIGNATURE_BYTES,
  SPDM_SIGNED,
  SPDM_VERSION,
} from './layout.ts';

/** What a GPU signed, as its bytes say, nothing verified. */
export interface GpuEvidence {
  /** Of the request, 32 bytes: what the asker chose. */
  readonly nonce: Uint8Array;
  /** Of the answer, 32 bytes: what the GPU chose. */
  readonly responderNonce: Uint8Array;
  /** By position, counted from 0 as reference values count; the blocks count from 1. */
  readonly measurements: readonly Uint8Array[];
  /** Such as `550.90.07`. */
  readonly driverVersion: string;
  /** Such as `96.00.9F.00.01`. */
  readonly vbiosVersion: string;
  readonly nvdec0: number | undefined;
  /** Digest of the firmware whose key signed, 48 bytes, where the driver tells it. */
  readonly firmwareId: Uint8Array | undefined;
  /** Project, project SKU and chip SKU: they name the reference values of the VBIOS. */
  readonly board: { readonly project: string; readonly projectSku: string; readonly chipSku: string };
  /** All but the signature: request and answer. */
  readonly signed: Uint8Array;
  /** r and s, 48 bytes each. */
  readonly signature: Uint8Array;
}

/**
 * Reads the evidence of one GPU. Each byte has a meaning, or the evidence is refused.
 *
 * @param bytes request and answer, one after the other
 * @throws refusals: PARSE, TOO_LARGE, TRAILING_BYTES
 */
export function readGpuEvidence(bytes: Uint8Array): GpuEvidence {
  if (bytes.length > MAX_ATTESTATION_BYTES) {
    throw refuse('TOO_LARGE', `The evidence has ${bytes.length} bytes, of ${MAX_ATTESTATION_BYTES} at most.`);
  }
  const cursor = new Cursor(bytes);
  const request = cursor.take(SPDM_REQUEST_BYTES, 'request');
  const [version, code, wanted, which] = request;
  if (version !== SPDM_VERSION || code !== SPDM_GET_MEASUREMENTS || wanted !== SPDM_SIGNED || which !== SPDM_ALL_MEASUREMENTS) {
    throw refuse('PARSE', `The request ${toHex(request.subarray(0, 4))} does not ask for all measurements, signed, by SPDM 1.1.`);
  }
  const slot = request[4 + SPDM_NONCE_BYTES] as number;
  const head = cursor.take(SPDM_RESPONSE_HEADER_BYTES, 'answer');
  if (head[0] !== SPDM_VERSION || head[1] !== SPDM_MEASUREMENTS || ((head[3] as number) & 0x0f) !== slot) {
    throw refuse('PARSE', `The answer ${toHex(head.subarray(0, 4))} is no list of measurements of SPDM 1.1 from slot ${slot}.`);
  }
  const record = cursor.take(u16(head, 5) | ((head[7] as number) << 16), 'measurements');
  const measurements = readBlocks(record, head[4] as number);
  const responderNonce = cursor.take(SPDM_NONCE_BYTES, 'nonce of the answer');
  const opaque = readOpaque(cursor.take(u16(cursor.take(2, 'length of the opaque data'), 0), 'opaque data'));
  const signature = cursor.take(SPDM_SIGNATURE_BYTES, 'signature');
  cursor.end('evidence');
  const vbios = opaque.get(OPAQUE.vbiosVersion);
  const nvdec0 = opaque.get(OPAQUE.nvdec0);
  const firmwareId = opaque.get(OPAQUE.firmwareId);
  return {
    nonce: request.slice(4, 4 + SPDM_NONCE_BYTES),
    responderNonce,
    measurements,
    driverVersion: text(opaque.get(OPAQUE.driverVersion), 'driver version'),
    vbiosVersion: vbiosWords(vbios),
    nvdec0: nvdec0?.[0],
    firmwareId,
    board: {
      project: text(opaque.get(OPAQUE.project), 'project'),
      projectSku: text(opaque.get(OPAQUE.projectSku), 'project SKU'),
      chipSku: text(opaque.get(OPAQUE.chipSku), 'chip SKU'),
    },
    signed: bytes.slice(0, bytes.length - SPDM_SIGNATURE_BYTES),
    signature,
  };
}

function readBlocks(record: Uint8Array, count: number): readonly Uint8Array[] {
  if (count === 0 || count > MAX_GPU_MEASUREMENTS) {
    throw refuse('PARSE', `The GPU tells ${count} measurements, not 1 to ${MAX_GPU_MEASUREMENTS}.`);
  }
  const cursor = new Cursor(record);
  const blocks = Array.from({ length: count }, (_, i) => {
    const head = cursor.take(SPDM_BLOCK_HEADER_BYTES, `head of measurement ${i + 1}`);
    if (head[0] !== i + 1) throw refuse('PARSE', `Measurement ${head[0]} stands where ${i + 1} is due.`);
    if (head[1] !== SPDM_DMTF) throw refuse('PARSE', `Measurement ${i + 1} is not in the form of DMTF.`);
    const block = cursor.take(u16(head, 2), `measurement ${i + 1}`);
    if (block.length < SPDM_DMTF_HEADER_BYTES || u16(block, 1) !== block.length - SPDM_DMTF_HEADER_BYTES) {
      throw refuse('PARSE', `Measurement ${i + 1} has two lengths that differ.`);
    }
    return block.slice(SPDM_DMTF_HEADER_BYTES);
  });
  cursor.end('list of measurements');
  return blocks;
}

function readOpaque(bytes: Uint8Array): ReadonlyMap<number, Uint8Array> {
  const cursor = new Cursor(bytes);
  const fields = new Map<number, Uint8Array>();
  while (!cursor.done) {
    const head = cursor.take(4, 'head of an opaque field');
    const type = u16(head, 0);
    if (fields.has(type)) throw refuse('PARSE', `Field ${type} of the opaque data is there twice.`);
    if (fields.size >= MAX_GPU_OPAQUE_FIELDS) throw refuse('TOO_LARGE', `The opaque data has more than ${MAX_GPU_OPAQUE_FIELDS} fields.`);
    fields.set(type, cursor.take(u16(head, 2), `opaque field ${type}`));
  }
  return fields;
}

/** Printable ASCII with zeros behind it. */
function text(bytes: Uint8Array | undefined, what: string): string {
  if (bytes === undefined) throw refuse('PARSE', `The GPU tells no ${what}.`);
  const end = bytes.indexOf(0);
  const words = end < 0 ? bytes : bytes.subarray(0, end);
  if (words.length === 0 || words.some((byte) => byte < 0x20 || byte > 0x7e) || bytes.subarray(words.length).some((byte) => byte !== 0)) {
    throw refuse('PARSE', `The ${what} ${toHex(bytes.subarray(0, 32))} is no text.`);
  }
  return String.fromCharCode(...words);
}

/** NVIDIA writes the eight bytes as the upper half of the word backwards, then the last of the lower: `00 9f 00 96 01 00 00 00` is 96.00.9F.00.01. */
function vbiosWords(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length !== 8 || bytes.subarray(5).some((byte) => byte !== 0)) {
    throw refuse('PARSE', 'The GPU tells no VBIOS version.');
  };
  const digits = [3, 2, 1, 0, 4].map((at) => toHex(bytes.subarray(at, at + 1)).toUpperCase());
  return digits.join('.');
}

function u16(bytes: Uint8Array, at: number): number {
  return (bytes[at] as number) | ((bytes[at + 1] as number) << 8);
}

/** Reads forwards, and says what is missing where the bytes end. */
class Cursor {
  readonly #bytes: Uint8Array;
  #at = 0;

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes;
  }

  get done(): boolean {
    return this.#at === this.#bytes.length;
  }

  take(length: number, what: string): Uint8Array {
    if (this.#bytes.length - this.#at < length) throw refuse('PARSE', `The evidence ends within its ${what}.`);
    this.#at += length;
    return this.#bytes.slice(this.#at - length, this.#at);
  }

  end(what: string): void {
    if (!this.done) throw refuse('TRAILING_BYTES', `${this.#bytes.length - this.#at} bytes stand behind the ${what}.`);
  }
}
