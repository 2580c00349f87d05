import { concat, u16le, u32le, utf8 } from '@perigee/wire';
import { applied } from '../authority.ts';
import type { Change } from '../certificate.ts';
import { seeded } from '../seed.ts';
import type { CurveKey } from '../signing-key.ts';
import { firmwareOf, type GpuPki } from './pki.ts';

/** What a GPU is asked and says of itself, and who signs it. */
export interface GpuEvidenceFields {
  /** Version, code, and two parameters of the request: all measurements, signed. */
  readonly request: Uint8Array;
  /** 32 bytes, of who asks. */
  readonly nonce: Uint8Array;
  readonly slot: number;
  /** 32 bytes, of the GPU. */
  readonly responderNonce: Uint8Array;
  /** 48 bytes each. */
  readonly measurements: readonly Uint8Array[];
  /** Type and value. */
  readonly opaque: readonly (readonly [type: number, value: Uint8Array])[];
  readonly signer: CurveKey;
}

/** As many as an H100 has. */
const MEASUREMENTS = 64;
export const GPU_DRIVER = '570.172.08';
export const GPU_VBIOS = '96.00.9F.00.01';
/** Measurements from here on are the VBIOS's, those before the driver's. */
const FIRST_OF_VBIOS = 40;
const DMTF = 1;

/** Evidence of a GPU: the request and the answer of SPDM 1.1 (DMTF DSP0274 §10.11), as NVIDIA's driver hands them out. */
export function gpuEvidence(seed: Uint8Array, pki: GpuPki, nonce: Uint8Array, change?: Change<GpuEvidenceFields>): Uint8Array {
  const fields = applied(change, {
    request: Uint8Array.of(0x11, 0xe0, 0x01, 0xff),
    nonce,
    slot: 0,
    responderNonce: seeded(seed, 'nvidia/responder-nonce', 32),
    measurements: measurementsOf(seed),
    opaque: [
      [3, text(GPU_DRIVER)],
      [6, Uint8Array.of(0x00, 0x9f, 0x00, 0x96, 0x01, 0, 0, 0)],
      [11, Uint8Array.of(0x55)],
      [15, text('895')],
      [17, text('G520')],
      [18, text('0200')],
      [20, firmwareOf(seed)],
    ],
    signer: pki.keys.leaf,
  });
  const blocks = fields.measurements.map((value, i) => {
    const body = concat(Uint8Array.of(0), u16le(value.length), value);
    return concat(Uint8Array.of(i + 1, DMTF), u16le(body.length), body);
  });
  const record = concat(...blocks);
  const opaque = concat(...fields.opaque.map(([type, value]) => concat(u16le(type), u16le(value.length), value)));
  const signed = concat(
    fields.request,
    fields.nonce,
    Uint8Array.of(fields.slot),
    Uint8Array.of(0x11, 0x60, 0, fields.slot, blocks.length),
    u32le(record.length).subarray(0, 3),
    record,
    fields.responderNonce,
    u16le(opaque.length),
    opaque,
  );
  return concat(signed, fields.signer.signCompact(signed));
}

function measurementsOf(seed: Uint8Array): Uint8Array[] {
  return Array.from({ length: MEASUREMENTS }, (_, i) => seeded(seed, `nvidia/measurement/${i}`, 48));
}

/** What the measurements of a part must be, by number. */
export function goldenOf(seed: Uint8Array, part: 'driver' | 'vbios'): ReadonlyMap<number, readonly Uint8Array[]> {
  const all = [...measurementsOf(seed).entries()].map(([i, value]) => [i, [value]] as const);
  return new Map(all.filter(([i]) => i >= FIRST_OF_VBIOS === (part === 'vbios')));
}

/** As the driver pads them. */
function text(value: string): Uint8Array {
  return concat(utf8(value), Uint8Array.of(0));
}
