/** Identity of a quoting enclave, version 2 (Intel PCS API v4, "Get Quoting Enclave Identity"), and whether a report is one of it. */
import { equal, toHex } from '@perigee/wire';
import { refuse } from '../code.ts';
import { hexIn, objectOf, wholeIn } from '../json-read.ts';
import type { EnclaveReport } from './enclave-report.ts';
import { isMasked } from './masked.ts';
import { type Issued, readIssued, type SvnLevel, svnLevelsIn } from './tcb-info.ts';

export interface QeIdentity extends Issued {
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
  const json = objectOf(value, 'it');
  if (json.id !== id || json.version !== VERSION)
    throw refuse('COLLATERAL', `it is not the identity of ${id} and version ${VERSION}`);
  return {
    ...readIssued(json),
    miscSelect: hexIn(json, 'miscselect', 4),
    miscSelectMask: hexIn(json, 'miscselectMask', 4),
    attributes: hexIn(json, 'attributes', 16),
    attributesMask: hexIn(json, 'attributesMask', 16),
    mrSigner: hexIn(json, 'mrsigner', 32),
    isvProdId: wholeIn(json, 'isvprodid'),
    levels: svnLevelsIn(json),
  };
}

/**
 * @returns the level of the enclave's version
 * @throws ATTESTATION (DEBUG, IDENTITY, ATTRIBUTES, TCB_LEVEL)
 */
export function matchQe(report: EnclaveReport, identity: QeIdentity): SvnLevel {
  if (((report.attributes[0] as number) & ENCLAVE_DEBUG) !== 0) throw refuse('DEBUG', 'the quoting enclave runs in debug mode');
  const isSame =
    isMasked(report.miscSelect, identity.miscSelect, identity.miscSelectMask) &&
    isMasked(report.attributes, identity.attributes, identity.attributesMask);
  if (!isSame) throw refuse('ATTRIBUTES', 'the quoting enclave has other attributes than its identity');
  if (!equal(report.mrSigner, identity.mrSigner) || report.isvProdId !== identity.isvProdId) {
    throw refuse('IDENTITY', `the quoting enclave is product ${report.isvProdId} of ${toHex(report.mrSigner)}`);
  }
  const level = identity.levels.find(({ isvSvn }) => report.isvSvn >= isvSvn);
  if (level === undefined) throw refuse('TCB_LEVEL', `version ${report.isvSvn} of the quoting enclave is unknown`);
  return level;
}
