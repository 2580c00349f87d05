/** Identity of a quoting enclave, version 2 (Intel PCS API v4, "Get Quoting Enclave Identity"), and whether a report is one of it. */
import { equal, toHex } from '@perigee/wire';
import { refuse } from '../code.ts';
import { hexIn, objectIn, secondsIn, wholeIn } from '../json-read.ts';
import type { EnclaveReport } from './enclave-report.ts';
import { isMasked } from './masked.ts';
import { type SvnLevel, svnLevelsIn } from './tcb-info.ts';

export interface QeIdentity {
  /** Seconds since 1970. */
  readonly issueDate: number;
  readonly nextUpdate: number;
  readonly evaluation: number;
  readonly miscSelect: Uint8Array;
  readonly miscSelectMask: Uint8Array;
  readonly attributes: Uint8Array;
  readonly attributesMask: Uint8Array;
  readonly mrSigner: Uint8Array;
  readonly isvProdId: number;
  readonly levels: readonly SvnLevel[];
}

const VERSION = 2;
/** DEBUG of an enclave's attributes: its memory can be read from outside. */
export const ENCLAVE_DEBUG = 0x02;

/**
 * @param value authentic
 * @throws ATTESTATION (JSON, COLLATERAL)
 */
export function readQeIdentity(value: unknown, id: 'QE' | 'TD_QE'): QeIdentity {
  const json = objectIn(value, 'QE identity');
  if (json.id !== id || json.version !== VERSION)
    throw refuse('COLLATERAL', `the QE identity is not of ${id} and version ${VERSION}`);
  return {
    issueDate: secondsIn(json.issueDate, 'issueDate'),
    nextUpdate: secondsIn(json.nextUpdate, 'nextUpdate'),
    evaluation: wholeIn(json.tcbEvaluationDataNumber, 'tcbEvaluationDataNumber'),
    miscSelect: hexIn(json.miscselect, 4, 'miscselect'),
    miscSelectMask: hexIn(json.miscselectMask, 4, 'miscselectMask'),
    attributes: hexIn(json.attributes, 16, 'attributes'),
    attributesMask: hexIn(json.attributesMask, 16, 'attributesMask'),
    mrSigner: hexIn(json.mrsigner, 32, 'mrsigner'),
    isvProdId: wholeIn(json.isvprodid, 'isvprodid'),
    levels: svnLevelsIn(json.tcbLevels),
  };
}

/**
 * @returns the level of the enclave's version
 * @throws ATTESTATION (DEBUG, IDENTITY, ATTRIBUTES, TCB_LEVEL)
 */
export function matchQe(report: EnclaveReport, identity: QeIdentity): SvnLevel {
  if (((report.attributes[0] as number) & ENCLAVE_DEBUG) !== 0) throw refuse('DEBUG', 'the quoting enclave runs in debug mode');
  if (!isMasked(report.miscSelect, identity.miscSelect, identity.miscSelectMask))
    throw refuse('ATTRIBUTES', 'the quoting enclave has another MISCSELECT than its identity');
  if (!isMasked(report.attributes, identity.attributes, identity.attributesMask))
    throw refuse('ATTRIBUTES', 'the quoting enclave has other attributes than its identity');
  if (!equal(report.mrSigner, identity.mrSigner))
    throw refuse('IDENTITY', `the quoting enclave was signed by ${toHex(report.mrSigner)}`);
  if (report.isvProdId !== identity.isvProdId)
    throw refuse('IDENTITY', `the quoting enclave is product ${report.isvProdId}, not ${identity.isvProdId}`);
  const level = identity.levels.find(({ isvSvn }) => report.isvSvn >= isvSvn);
  if (level === undefined)
    throw refuse('TCB_LEVEL', `version ${report.isvSvn} of the quoting enclave is older than all that Intel knows`);
  return level;
}
