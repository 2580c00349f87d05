import { sha256 } from '@noble/hashes/sha2.js';
import { concat, EVIDENCE_MAGIC, EVIDENCE_VERSION, Evidence, equal, MAX_EVIDENCE_BYTES, PerigeeError } from '@perigee/wire';

const CHECKSUM_BYTES = 32;
const HEAD_BYTES = EVIDENCE_MAGIC.length + CHECKSUM_BYTES;

/**
 * A file of evidence: `PGEV`, SHA-256 of what follows, canonical `Evidence`. The checksum tells a damaged file from a false one; it vouches for nothing.
 *
 * @throws EVIDENCE when it would be longer than a file may be; INVALID_ARGUMENT
 */
export function encodeEvidence(evidence: Evidence): Uint8Array {
  const body = Evidence.encode(evidence);
  const file = concat(EVIDENCE_MAGIC, sha256(body), body);
  checkSize(file);
  return file;
}

/**
 * Reads a file of evidence. Nothing that it says was verified.
 *
 * @throws EVIDENCE when it is not such a file, or damaged; UNKNOWN_VERSION; PARSE, NOT_CANONICAL
 */
export function decodeEvidence(file: Uint8Array): Evidence {
  checkSize(file);
  if (file.length < HEAD_BYTES || !equal(file.subarray(0, EVIDENCE_MAGIC.length), EVIDENCE_MAGIC)) {
    throw new PerigeeError('EVIDENCE', `${file.length} bytes that do not begin with "PGEV" are no file of evidence`);
  }
  const body = file.subarray(HEAD_BYTES);
  if (!equal(sha256(body), file.subarray(EVIDENCE_MAGIC.length, HEAD_BYTES))) {
    throw new PerigeeError('EVIDENCE', 'the file of evidence is damaged: its checksum does not fit; get it again');
  }
  const evidence = Evidence.decodeCanonical(body);
  if (evidence.version !== EVIDENCE_VERSION) {
    throw new PerigeeError('UNKNOWN_VERSION', `evidence has version ${evidence.version}; only ${EVIDENCE_VERSION} is known`);
  }
  return evidence;
}

function checkSize(file: Uint8Array): void {
  if (file.length <= MAX_EVIDENCE_BYTES) return;
  throw new PerigeeError('EVIDENCE', `evidence has ${file.length} bytes; at most ${MAX_EVIDENCE_BYTES} are read`);
}
