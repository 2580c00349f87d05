/** TCB information, version 3 (Intel PCS API v4, "Get TCB Info"): what Intel holds of each version of a platform's firmware. */
import { refuse } from '../code.ts';
import { hexIn, type JsonObject, listIn, objectIn, secondsIn, textIn, wholeIn } from '../json-read.ts';
import { type TcbStatus, tcbStatusIn } from './tcb-status.ts';

/** A judgement, and when it came to be: milliseconds are not in it. */
export interface Judgement {
  readonly status: TcbStatus;
  /** Seconds since 1970: a platform that is out of date has been so since after this date at the earliest. */
  readonly date: number;
  readonly advisories: readonly string[];
}

export interface PlatformLevel extends Judgement {
  readonly sgxSvns: readonly number[];
  readonly pceSvn: number;
  /** Of TDX only. */
  readonly tdxSvns: readonly number[] | undefined;
}

export interface SvnLevel extends Judgement {
  readonly isvSvn: number;
}

/** Who signed a TDX module, and what its attributes must be. */
export interface TdxModule {
  readonly mrSigner: Uint8Array;
  readonly attributes: Uint8Array;
  readonly attributesMask: Uint8Array;
}

export interface TdxModuleIdentity extends TdxModule {
  /** Such as `TDX_01`. */
  readonly id: string;
  readonly levels: readonly SvnLevel[];
}

export interface TcbInfo {
  /** Seconds since 1970. */
  readonly issueDate: number;
  readonly nextUpdate: number;
  readonly evaluation: number;
  readonly fmspc: Uint8Array;
  readonly pceId: Uint8Array;
  /** Of TDX only. */
  readonly module: TdxModule | undefined;
  readonly modules: readonly TdxModuleIdentity[];
  readonly levels: readonly PlatformLevel[];
}

const VERSION = 3;
const TCB_TYPE = 0;
const COMPONENTS = 16;

/**
 * @param value authentic
 * @throws ATTESTATION (JSON, COLLATERAL)
 */
export function readTcbInfo(value: unknown, id: 'SGX' | 'TDX'): TcbInfo {
  const json = objectIn(value, 'TCB information');
  if (json.id !== id || json.version !== VERSION || json.tcbType !== TCB_TYPE) {
    throw refuse('COLLATERAL', `the TCB information is not of ${id}, version ${VERSION} and type ${TCB_TYPE}`);
  }
  return {
    issueDate: secondsIn(json.issueDate, 'issueDate'),
    nextUpdate: secondsIn(json.nextUpdate, 'nextUpdate'),
    evaluation: wholeIn(json.tcbEvaluationDataNumber, 'tcbEvaluationDataNumber'),
    fmspc: hexIn(json.fmspc, 6, 'fmspc'),
    pceId: hexIn(json.pceId, 2, 'pceId'),
    module: id === 'TDX' ? moduleIn(objectIn(json.tdxModule, 'tdxModule')) : undefined,
    modules:
      json.tdxModuleIdentities === undefined ? [] : listIn(json.tdxModuleIdentities, 'tdxModuleIdentities').map(identityIn),
    levels: listIn(json.tcbLevels, 'tcbLevels').map((level) => levelIn(objectIn(level, 'a TCB level'), id)),
  };
}

function levelIn(json: JsonObject, id: 'SGX' | 'TDX'): PlatformLevel {
  const tcb = objectIn(json.tcb, 'tcb');
  return {
    ...judgementIn(json),
    sgxSvns: svnsIn(tcb.sgxtcbcomponents, 'sgxtcbcomponents'),
    pceSvn: wholeIn(tcb.pcesvn, 'pcesvn'),
    tdxSvns: id === 'TDX' ? svnsIn(tcb.tdxtcbcomponents, 'tdxtcbcomponents') : undefined,
  };
}

function svnsIn(value: unknown, what: string): readonly number[] {
  const svns = listIn(value, what).map((one) => wholeIn(objectIn(one, what).svn, 'svn'));
  if (svns.length !== COMPONENTS) throw refuse('JSON', `${what} has ${svns.length} components, not ${COMPONENTS}`);
  return svns;
}

function moduleIn(json: JsonObject): TdxModule {
  return {
    mrSigner: hexIn(json.mrsigner, 48, 'mrsigner'),
    attributes: hexIn(json.attributes, 8, 'attributes'),
    attributesMask: hexIn(json.attributesMask, 8, 'attributesMask'),
  };
}

function identityIn(value: unknown): TdxModuleIdentity {
  const json = objectIn(value, 'a TDX module identity');
  return { ...moduleIn(json), id: textIn(json.id, 'id'), levels: svnLevelsIn(json.tcbLevels) };
}

/** Levels of something that has one SVN: a module, a quoting enclave. */
export function svnLevelsIn(value: unknown): readonly SvnLevel[] {
  return listIn(value, 'tcbLevels').map((one) => {
    const json = objectIn(one, 'a TCB level');
    return { ...judgementIn(json), isvSvn: wholeIn(objectIn(json.tcb, 'tcb').isvsvn, 'isvsvn') };
  });
}

function judgementIn(json: JsonObject): Judgement {
  return {
    status: tcbStatusIn(json.tcbStatus),
    date: secondsIn(json.tcbDate, 'tcbDate'),
    advisories:
      json.advisoryIDs === undefined ? [] : listIn(json.advisoryIDs, 'advisoryIDs').map((one) => textIn(one, 'an advisory')),
  };
}
