/** TCB information, version 3 (Intel PCS API v4, "Get TCB Info"): what Intel holds of each version of a platform's firmware. */
import { refuse } from '../code.ts';
import { hexIn, type JsonObject, objectIn, objectOf, objectsIn, secondsIn, textIn, textsIn, wholeIn } from '../json-read.ts';
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

export interface Issued {
  /** Seconds since 1970. */
  readonly issueDate: number;
  readonly nextUpdate: number;
  readonly evaluation: number;
}

export interface TcbInfo extends Issued {
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
  const json = objectOf(value, 'it');
  if (json.id !== id || json.version !== VERSION || json.tcbType !== TCB_TYPE) {
    throw refuse('COLLATERAL', `it is not TCB information of ${id} and version ${VERSION}`);
  }
  const isTdx = id === 'TDX';
  return {
    ...readIssued(json),
    fmspc: hexIn(json, 'fmspc', 6),
    pceId: hexIn(json, 'pceId', 2),
    module: isTdx ? moduleIn(objectIn(json, 'tdxModule')) : undefined,
    modules: json.tdxModuleIdentities === undefined ? [] : objectsIn(json, 'tdxModuleIdentities').map(identityIn),
    levels: objectsIn(json, 'tcbLevels').map((level) => levelIn(level, isTdx)),
  };
}

/** When, and of which of Intel's evaluations, an answer is. */
export function readIssued(json: JsonObject): Issued {
  return {
    issueDate: secondsIn(json, 'issueDate'),
    nextUpdate: secondsIn(json, 'nextUpdate'),
    evaluation: wholeIn(json, 'tcbEvaluationDataNumber'),
  };
}

function levelIn(json: JsonObject, isTdx: boolean): PlatformLevel {
  const tcb = objectIn(json, 'tcb');
  return {
    ...judgementIn(json),
    sgxSvns: svnsIn(tcb, 'sgxtcbcomponents'),
    pceSvn: wholeIn(tcb, 'pcesvn'),
    tdxSvns: isTdx ? svnsIn(tcb, 'tdxtcbcomponents') : undefined,
  };
}

function svnsIn(tcb: JsonObject, name: string): readonly number[] {
  const svns = objectsIn(tcb, name).map((component) => wholeIn(component, 'svn'));
  if (svns.length !== COMPONENTS) throw refuse('JSON', `${name} has ${svns.length} components, not ${COMPONENTS}`);
  return svns;
}

function moduleIn(json: JsonObject): TdxModule {
  return {
    mrSigner: hexIn(json, 'mrsigner', 48),
    attributes: hexIn(json, 'attributes', 8),
    attributesMask: hexIn(json, 'attributesMask', 8),
  };
}

function identityIn(json: JsonObject): TdxModuleIdentity {
  return { ...moduleIn(json), id: textIn(json, 'id'), levels: svnLevelsIn(json) };
}

/** Levels of something that has one SVN: a module, a quoting enclave. */
export function svnLevelsIn(json: JsonObject): readonly SvnLevel[] {
  return objectsIn(json, 'tcbLevels').map((level) => ({
    ...judgementIn(level),
    isvSvn: wholeIn(objectIn(level, 'tcb'), 'isvsvn'),
  }));
}

function judgementIn(json: JsonObject): Judgement {
  return { status: tcbStatusIn(json.tcbStatus), date: secondsIn(json, 'tcbDate'), advisories: textsIn(json, 'advisoryIDs') };
}
