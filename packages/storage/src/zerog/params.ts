/** Parameters of 0G's methods: positional, hashes in hexadecimal, bytes in base64, numbers as numbers. */
import {
  FILE_CHUNK_BYTES,
  FILE_SEGMENT_BYTES,
  type FileProof,
  fromHex,
  MAX_HTTP_SEGMENTS,
  MAX_SEGMENT_PATH,
  PerigeeError,
  type SegmentAnswer,
} from '@perigee/wire';
import { invalidParam } from './rpc-error.ts';

/** Base64 of the longest segment. */
const MAX_BASE64 = 4 * Math.ceil(FILE_SEGMENT_BYTES / 3);

/** `SegmentWithProof` as clients send it. */
export interface UploadedSegment {
  readonly root: Uint8Array;
  readonly fileSize: number;
  readonly segment: SegmentAnswer;
}

/** A whole number from 0; as a number, or as clients of some languages write large ones, in a text. @throws RpcError */
export function numberParam(value: unknown, name: string): number {
  const number = typeof value === 'string' && /^(0x[0-9a-fA-F]{1,14}|[0-9]{1,16})$/.test(value) ? Number(value) : value;
  if (typeof number === 'number' && Number.isSafeInteger(number) && number >= 0) return number;
  throw invalidParam(name, `${shown(value)} is no whole number from 0 to 2^53`);
}

/** 32 bytes. @throws RpcError */
export function hashParam(value: unknown, name: string): Uint8Array {
  if (typeof value === 'string') {
    try {
      return fromHex(value, 32);
    } catch {
      // said below
    }
  }
  throw invalidParam(name, `${shown(value)} is no hash of 32 bytes`);
}

/** @throws RpcError */
export function segmentsParam(value: unknown): UploadedSegment[] {
  if (!Array.isArray(value) || value.length > MAX_HTTP_SEGMENTS) {
    throw invalidParam('segments', `they are a list of at most ${MAX_HTTP_SEGMENTS}`);
  }
  return value.map(segmentParam);
}

/** @throws RpcError */
export function segmentParam(value: unknown): UploadedSegment {
  if (typeof value !== 'object' || value === null) throw invalidParam('segment', 'a segment is an object');
  const { root, data, index, proof, fileSize } = value as Record<string, unknown>;
  return {
    root: hashParam(root, 'root'),
    fileSize: numberParam(fileSize, 'file_size'),
    segment: { index: numberParam(index, 'index'), data: dataParam(data), proof: proofParam(proof) },
  };
}

/** Whole chunks: what is missing of the last one is zeros, as everywhere. @throws RpcError */
export function dataParam(value: unknown): Uint8Array {
  if (typeof value !== 'string' || value.length === 0 || value.length > MAX_BASE64) {
    throw invalidParam('data', `a segment has 1 to ${FILE_SEGMENT_BYTES} bytes, in base64`);
  }
  const bytes = Buffer.from(value, 'base64');
  // Node reads over what is no base64
  if (bytes.length !== lengthOfBase64(value)) throw invalidParam('data', 'this is no base64');
  if (bytes.length % FILE_CHUNK_BYTES === 0) return bytes;
  const whole = new Uint8Array(Math.ceil(bytes.length / FILE_CHUNK_BYTES) * FILE_CHUNK_BYTES);
  whole.set(bytes);
  return whole;
}

/** @throws RpcError */
export function proofParam(value: unknown): FileProof {
  const { lemma, path } = (typeof value === 'object' && value !== null ? value : {}) as { lemma?: unknown; path?: unknown };
  if (!Array.isArray(lemma) || !Array.isArray(path) || path.length > MAX_SEGMENT_PATH || lemma.length > MAX_SEGMENT_PATH + 2) {
    throw invalidParam('proof', `a proof has lists "lemma" and "path", with at most ${MAX_SEGMENT_PATH} sides`);
  }
  if (!path.every((side) => typeof side === 'boolean')) throw invalidParam('proof', 'its path is of true and false');
  return { lemma: lemma.map((hash) => hashParam(hash, 'proof')), path };
}

function lengthOfBase64(text: string): number {
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0;
  return text.length % 4 === 0 ? (text.length / 4) * 3 - padding : -1;
}

function shown(value: unknown): string {
  return (JSON.stringify(value) ?? String(value)).slice(0, 80);
}

/** A file by its number or by its data root, as it stands in a path or a query. @throws PARSE */
export function fileNameOf(text: string): number | Uint8Array {
  if (/^[0-9]{1,16}$/.test(text) && Number.isSafeInteger(Number(text))) return Number(text);
  try {
    return fromHex(text, 32);
  } catch {
    throw new PerigeeError('PARSE', `${shown(text)} is neither the number of a submission nor a data root`);
  }
}
