import { MAX_ATTESTATION_BYTES, MAX_GPU_MEASUREMENTS, MAX_GPU_OPAQUE_FIELDS, toHex } from '@perigee/wire';
import { ByteReader, littleEndian } from '../byte-reader.ts';
import { refuse } from '../code.ts';
import {
  OPAQUE,
  SPDM_ALL_MEASUREMENTS,
  SPDM_DMTF,
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
  const reader = new ByteReader(bytes, 'the evidence');
  const request = reader.bytes(SPDM_REQUEST_BYTES);
  const [version, code, wanted, which] = request;
  if (version !== SPDM_VERSION || code !== SPDM_GET_MEASUREMENTS || wanted !== SPDM_SIGNED || which !== SPDM_ALL_MEASUREMENTS) {
    throw refuse('PARSE', `The request ${toHex(request.subarray(0, 4))} does not ask for all measurements, signed, by SPDM 1.1.`);
  }
  const slot = request[4 + SPDM_NONCE_BYTES] as number;
  const head = reader.bytes(SPDM_RESPONSE_HEADER_BYTES);
  if (head[0] !== SPDM_VERSION || head[1] !== SPDM_MEASUREMENTS || ((head[3] as number) & 0x0f) !== slot) {
    throw refuse('PARSE', `The answer ${toHex(head.subarray(0, 4))} is no list of measurements of SPDM 1.1 from slot ${slot}.`);
  }
  const measurements = readBlocks(reader.inner(littleEndian(head.subarray(5)), 'the list of measurements'), head[4] as number);
  const responderNonce = reader.bytes(SPDM_NONCE_BYTES);
  const opaque = readOpaque(reader.inner(reader.u16(), 'the opaque data'));
  const signature = reader.bytes(SPDM_SIGNATURE_BYTES);
  reader.end();
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

function readBlocks(reader: ByteReader, count: number): readonly Uint8Array[] {
  if (count === 0 || count > MAX_GPU_MEASUREMENTS) {
    throw refuse('PARSE', `The GPU tells ${count} measurements, not 1 to ${MAX_GPU_MEASUREMENTS}.`);
  }
  const blocks = Array.from({ length: count }, (_, i) => {
    const [index, specification] = reader.bytes(2);
    if (index !== i + 1) throw refuse('PARSE', `Measurement ${index} stands where ${i + 1} is due.`);
    if (specification !== SPDM_DMTF) throw refuse('PARSE', `Measurement ${i + 1} is not in the form of DMTF.`);
    const block = reader.inner(reader.u16(), `measurement ${i + 1}`);
    block.bytes(1); // kind of value: a digest of something, which the reference values do not ask about
    const value = block.bytes(block.u16());
    block.end();
    return value;
  });
  reader.end();
  return blocks;
}

function readOpaque(reader: ByteReader): ReadonlyMap<number, Uint8Array> {
  const fields = new Map<number, Uint8Array>();
  while (reader.left > 0) {
    const type = reader.u16();
    if (fields.has(type)) throw refuse('PARSE', `Field ${type} of the opaque data is there twice.`);
    if (fields.size >= MAX_GPU_OPAQUE_FIELDS)
      throw refuse('TOO_LARGE', `The opaque data has more than ${MAX_GPU_OPAQUE_FIELDS} fields.`);
    fields.set(type, reader.bytes(reader.u16()));
  }
  return fields;
}

/** Printable ASCII with zeros behind it. */
function text(bytes: Uint8Array | undefined, what: string): string {
  if (bytes === undefined) throw refuse('PARSE', `The GPU tells no ${what}.`);
  const end = bytes.indexOf(0);
  const words = end < 0 ? bytes : bytes.subarray(0, end);
  if (
    words.length === 0 ||
    words.some((byte) => byte < 0x20 || byte > 0x7e) ||
    bytes.subarray(words.length).some((byte) => byte !== 0)
  ) {
    throw refuse('PARSE', `The ${what} ${toHex(bytes.subarray(0, 32))} is no text.`);
  }
  return String.fromCharCode(...words);
}

/** NVIDIA writes the eight bytes as the upper half of the word backwards, then the last of the lower: `00 9f 00 96 01 00 00 00` is 96.00.9F.00.01. */
function vbiosWords(bytes: Uint8Array | undefined): string {
  if (bytes === undefined || bytes.length !== 8 || bytes.subarray(5).some((byte) => byte !== 0)) {
    throw refuse('PARSE', 'The GPU tells no VBIOS version.');
  }
  const digits = [3, 2, 1, 0, 4].map((at) => toHex(bytes.subarray(at, at + 1)).toUpperCase());
  return digits.join('.');
}
