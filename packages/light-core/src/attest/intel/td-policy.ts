/** What a trust domain must be whatever code it runs (Intel TDX Module ABI, "TD attributes" and "XFAM"). */
import { littleEndian } from '../byte-reader.ts';
import { refuse } from '../code.ts';
import { isZero } from './masked.ts';
import type { IntelPolicy } from './policy.ts';
import { isAtLeast } from './tcb-level.ts';
import type { TdReport } from './td-report.ts';

/** Bits of TDATTRIBUTES, of the first four bytes and the last four. */
const DEBUG = 0x0000_0001;
const UNTRUSTED_RESERVED = 0x0000_00fe;
const SEPT_VE_DISABLE = 0x1000_0000;
const SECURE_RESERVED = 0x2fff_ff00;
const OTHER_RESERVED = 0x7fff_ffff;

/** Bits of XFAM that must be set (x87 and SSE) and that may be; the rest are not defined, or not for trust domains. */
const XFAM_FIXED_1 = 0x0000_0003;
const XFAM_ALLOWED = 0x0006_dbe7;

/**
 * @returns a sentence
 * @throws ATTESTATION (DEBUG, RESERVED, ATTRIBUTES, TCB_LEVEL, POLICY)
 */
export function checkTd(td: TdReport, policy: IntelPolicy): string {
  const [low, high] = wordsOf(td.tdAttributes);
  if ((low & DEBUG) !== 0) throw refuse('DEBUG', 'the trust domain runs in debug mode, so its host reads its memory');
  if ((low & (UNTRUSTED_RESERVED | SECURE_RESERVED)) !== 0 || (high & OTHER_RESERVED) !== 0) {
    throw refuse('RESERVED', 'the trust domain has unknown attributes');
  }
  if ((low & SEPT_VE_DISABLE) === 0 && policy.allowSeptVe !== true) {
    throw refuse('ATTRIBUTES', 'the trust domain is without SEPT_VE_DISABLE, so its host can disturb it by taking pages away');
  }
  const [features, others] = wordsOf(td.xfam);
  if ((features & XFAM_FIXED_1) !== XFAM_FIXED_1 || (features & ~XFAM_ALLOWED) !== 0 || others !== 0) {
    throw refuse('ATTRIBUTES', 'the trust domain has unknown features');
  }
  if (td.mrServiceTd !== undefined && !isZero(td.mrServiceTd) && policy.allowServiceTd !== true) {
    throw refuse('POLICY', 'the trust domain is bound to a service TD, which may move it to another machine');
  }
  if (policy.minTeeTcbSvn !== undefined && !isAtLeast(td.teeTcbSvn, policy.minTeeTcbSvn)) {
    throw refuse('TCB_LEVEL', 'the TDX module, or its loader, is older than the policy allows');
  }
  return 'the trust domain is closed to its host';
}

/** Two words of 32 bits, little-endian. */
function wordsOf(bytes: Uint8Array): readonly [low: number, high: number] {
  return [littleEndian(bytes.subarray(0, 4)), littleEndian(bytes.subarray(4))];
}
