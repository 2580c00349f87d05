/**
 * Where things lie in the evidence of an NVIDIA GPU: the request and the answer of SPDM 1.1 (DMTF DSP0274), one after the other, as the driver
 * hands them out. All numbers are little-endian.
 */

export const SPDM_VERSION = 0x11;
export const SPDM_GET_MEASUREMENTS = 0xe0;
export const SPDM_MEASUREMENTS = 0x60;
/** First parameter of a request: the answer is to be signed. */
export const SPDM_SIGNED = 0x01;
/** Second parameter of a request: all measurements. */
export const SPDM_ALL_MEASUREMENTS = 0xff;
/** Version, code, two parameters, nonce, slot. */
export const SPDM_REQUEST_BYTES = 37;
export const SPDM_NONCE_BYTES = 32;
/** Version, code, two parameters, number of blocks, length of the record in three bytes. */
export const SPDM_RESPONSE_HEADER_BYTES = 8;
/** The one specification of measurements: DMTF's. */
export const SPDM_DMTF = 0x01;
/** r and s of ECDSA P-384, big-endian. */
export const SPDM_SIGNATURE_BYTES = 96;

/** Fields of the opaque data, each a type and a length of two bytes and its value. */
export const OPAQUE = {
  driverVersion: 3,
  vbiosVersion: 6,
  nvdec0: 11,
  measurementCounts: 12,
  boardId: 14,
  chipSku: 15,
  project: 17,
  projectSku: 18,
  firmwareId: 20,
} as const;

/** Values of `nvdec0`: its measurement counts only where the engine is on. */
export const NVDEC0 = { on: 0xaa, off: 0x55 } as const;
/** Measurement of the video decoder, counted from 0 as reference values count. */
export const NVDEC0_MEASUREMENT = 35;
