import { sha256 } from '@noble/hashes/sha2.js';
import {
  concat,
  equal,
  INFERENCE_RECEIPT_MAGIC,
  INFERENCE_VERSION,
  MAX_RECEIPT_BYTES,
  OpenedReceipt,
  PerigeeError,
} from '@perigee/wire';

const CHECKSUM_BYTES = 32;
const HEAD_BYTES = INFERENCE_RECEIPT_MAGIC.length + CHECKSUM_BYTES;

/**
 * A file with a receipt: `PGRC`, SHA-256 of what follows, canonical `OpenedReceipt`. The checksum tells a damaged file from a false one; it vouches for nothing.
 *
 * @throws PARSE when it would be longer than a file may be; INVALID_ARGUMENT
 */
export function encodeReceiptFile(opened: OpenedReceipt): Uint8Array {
  const body = OpenedReceipt.encode(opened);
  const file = concat(INFERENCE_RECEIPT_MAGIC, sha256(body), body);
  checkSize(file);
  return file;
}

/**
 * The file that is laid out for auditors: what opens the receipt, and no evidence. Whose key signed the chain tells them, also of one that is renewed or ended, and
 * the evidence would be most of the blob.
 *
 * @throws PARSE when it would be longer than a file may be; INVALID_ARGUMENT
 */
export function encodeForAuditors({ receipt, request, answer }: OpenedReceipt): Uint8Array {
  return encodeReceiptFile({ receipt, request, answer });
}

/** Whether bytes begin as a file with a receipt does. */
export function isReceiptFile(file: Uint8Array): boolean {
  return equal(file.subarray(0, INFERENCE_RECEIPT_MAGIC.length), INFERENCE_RECEIPT_MAGIC);
}

/**
 * Reads a file with a receipt. Nothing that it says was verified.
 *
 * @throws PARSE when it is not such a file, or damaged; UNKNOWN_VERSION; NOT_CANONICAL
 */
export function decodeReceiptFile(file: Uint8Array): OpenedReceipt {
  checkSize(file);
  if (file.length < HEAD_BYTES || !isReceiptFile(file)) {
    throw new PerigeeError('PARSE', `${file.length} bytes that do not begin with "PGRC" are no file with a receipt`);
  }
  const body = file.subarray(HEAD_BYTES);
  if (!equal(sha256(body), file.subarray(INFERENCE_RECEIPT_MAGIC.length, HEAD_BYTES))) {
    throw new PerigeeError('PARSE', 'the file with the receipt is damaged: its checksum does not fit; get it again');
  }
  const opened = OpenedReceipt.decodeCanonical(body);
  const { version } = opened.receipt;
  if (version !== INFERENCE_VERSION) {
    throw new PerigeeError('UNKNOWN_VERSION', `receipt has version ${version}; only ${INFERENCE_VERSION} is known`);
  }
  return opened;
}

function checkSize(file: Uint8Array): void {
  if (file.length <= MAX_RECEIPT_BYTES) return;
  throw new PerigeeError('PARSE', `a file with a receipt has ${file.length} bytes; at most ${MAX_RECEIPT_BYTES} are read`);
}
