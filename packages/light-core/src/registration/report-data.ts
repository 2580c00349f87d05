/** What evidence of a provider binds (PROTOCOL §9), in the 64 bytes that hardware signs. */
import { sha256 } from '@noble/hashes/sha2.js';
import { concat, PerigeeError, type SignerKey, u8, u32be, u64le, utf8 } from '@perigee/wire';
import { isSignerKey } from '../receipt/index.ts';

/** In bytes 32 to 35 of the report data, big-endian; the rest is zero. */
const REPORT_DATA_VERSION = 1;
const DOMAIN = /* @__PURE__ */ utf8('perigee/compute/report-data/v1');
const RESERVED_BYTES = 28;
const POSSESSION = /* @__PURE__ */ utf8('perigee/compute/possession/v1');

export interface BoundKeys {
  readonly genesisHash: Uint8Array;
  /** Account that is paid, 20 bytes. */
  readonly provider: Uint8Array;
  readonly signer: SignerKey;
  /** X25519, 32 bytes. */
  readonly encryptionKey: Uint8Array;
  readonly modelRoot: Uint8Array;
  /** A recent block: evidence is no older. */
  readonly boundHeight: number;
  readonly boundHash: Uint8Array;
}

/**
 * Report data of a provider's evidence: SHA-256(`perigee/compute/report-data/v1` ‖ genesisHash 32 ‖ provider 20 ‖ u8 scheme ‖ u8 length ‖ signing key ‖
 * encryption key 32 ‖ model root 32 ‖ u64le height ‖ block hash 32) ‖ u32be 1 ‖ 28 zeros. A relay, a broker or another account can bind none of it anew
 * without the hardware.
 *
 * @returns 64 bytes
 * @throws INVALID_ARGUMENT when a part has another length
 */
export function reportDataOf(bound: BoundKeys): Uint8Array {
  const { genesisHash, provider, signer, encryptionKey, modelRoot, boundHeight, boundHash } = bound;
  if (!isSignerKey(signer)) {
    throw new PerigeeError(
      'INVALID_ARGUMENT',
      `a key of ${signer.key.length} bytes of scheme ${signer.scheme} signs no receipts`,
    );
  }
  const fixed = [genesisHash, encryptionKey, modelRoot, boundHash];
  if (provider.length !== 20 || fixed.some(({ length }) => length !== 32)) {
    throw new PerigeeError('INVALID_ARGUMENT', 'report data binds an account of 20 bytes, and hashes and keys of 32');
  }
  const parts = [u8(signer.scheme), u8(signer.key.length), signer.key, encryptionKey, modelRoot, u64le(boundHeight), boundHash];
  const hash = sha256(concat(DOMAIN, genesisHash, provider, ...parts));
  return concat(hash, u32be(REPORT_DATA_VERSION), new Uint8Array(RESERVED_BYTES));
}

/** What a signing key signs when it is registered: `'perigee/compute/possession/v1' ‖ report data`. Evidence binds whatever key it is told to. */
export function possessionSignBytes(reportData: Uint8Array): Uint8Array {
  return concat(POSSESSION, reportData);
}
