import { fromHex, PerigeeError } from '@perigee/wire';
import { isTcbStatus, type TcbStatus } from './tcb-status.ts';

/** Values in hexadecimal that evidence must have, each as it stands in the quote. */
export type TdMeasurements = Readonly<
  Partial<Record<'mrConfigId' | 'mrOwner' | 'mrOwnerConfig' | 'rtmr0' | 'rtmr3' | 'mrSeam', string>> &
    Record<'mrTd' | 'rtmr1' | 'rtmr2', string>
>;

/** An enclave by its code, or by who signed it and as what. */
export type EnclaveMeasurements = Readonly<
  ({ mrEnclave: string; mrSigner?: string; isvProdId?: number } | { mrEnclave?: string; mrSigner: string; isvProdId: number }) & {
    minIsvSvn?: number;
    configId?: string;
  }
>;

/** What Intel's evidence must be besides authentic. Data: a chain may hold it as a parameter, and a page may show it. */
export interface IntelPolicy {
  /** Judgements of Intel that are taken; `Revoked` never is, and one that is out of date only within `graceDays`. `UpToDate` alone by default. */
  readonly statuses?: readonly TcbStatus[];
  /** Advisories that may apply, such as `INTEL-SA-00828`: none by default. */
  readonly advisories?: readonly string[];
  /** Days since the date of its level in which a platform may be out of date; 0 by default. */
  readonly graceDays?: number;
  /** Lowest `tcbEvaluationDataNumber`, a parameter of the chain. */
  readonly minTcbEvaluation?: number;
  /** Lowest of each of the 16 SVNs in a TD report, hexadecimal. */
  readonly minTeeTcbSvn?: string;
  /** A trust domain may do without SEPT_VE_DISABLE, with which its host cannot disturb it by taking pages away. */
  readonly allowSeptVe?: boolean;
  /** A trust domain may be bound to a service TD, which may migrate it to another machine. */
  readonly allowServiceTd?: boolean;
  /** Trust domains that are taken: the code is known if one of them fits. Not checked where there are none. */
  readonly trustDomains?: readonly TdMeasurements[];
  /** Enclaves that are taken. */
  readonly enclaves?: readonly EnclaveMeasurements[];
  /** The 64 bytes that the code must have put into the report, hexadecimal. Not checked where they are not given. */
  readonly reportData?: string;
}

/** Bytes of each value in hexadecimal. */
const LENGTHS: Readonly<Record<string, number>> = {
  mrConfigId: 48,
  mrOwner: 48,
  mrOwnerConfig: 48,
  rtmr0: 48,
  rtmr1: 48,
  rtmr2: 48,
  rtmr3: 48,
  mrSeam: 48,
  mrTd: 48,
  mrEnclave: 32,
  mrSigner: 32,
  configId: 64,
  minTeeTcbSvn: 16,
  reportData: 64,
};

/** @throws INVALID_ARGUMENT: a policy that cannot be read must not be taken for one that asks for nothing */
export function checkIntelPolicy(policy: IntelPolicy): IntelPolicy {
  for (const status of policy.statuses ?? []) {
    if (!isTcbStatus(status) || status === 'Revoked') throw refusePolicy(`status "${status}" cannot be taken`);
  }
  for (const name of ['graceDays', 'minTcbEvaluation'] as const) {
    const value = policy[name] ?? 0;
    if (!Number.isSafeInteger(value) || value < 0) throw refusePolicy(`${name} is ${value}`);
  }
  for (const values of [policy, ...(policy.trustDomains ?? []), ...(policy.enclaves ?? [])]) {
    for (const [name, value] of Object.entries(values)) {
      if (LENGTHS[name] !== undefined) checkHex(name, value);
    }
  }
  for (const one of policy.trustDomains ?? []) {
    if (!(one.mrTd && one.rtmr1 && one.rtmr2))
      throw refusePolicy('a trust domain is not known by its code without mrTd, rtmr1 and rtmr2');
  }
  for (const { mrEnclave, mrSigner, isvProdId } of policy.enclaves ?? []) {
    if (!mrEnclave && !(mrSigner && isvProdId !== undefined))
      throw refusePolicy('an enclave is not known without mrEnclave, or mrSigner and isvProdId');
  }
  return policy;
}

function checkHex(name: string, value: unknown): void {
  try {
    if (typeof value === 'string') fromHex(value, LENGTHS[name]);
    else throw refusePolicy(`${name} is not text`);
  } catch (cause) {
    throw new PerigeeError('INVALID_ARGUMENT', `${name} of the policy is not ${LENGTHS[name]} bytes of hexadecimal`, { cause });
  }
}

function refusePolicy(why: string): PerigeeError {
  return new PerigeeError('INVALID_ARGUMENT', `the policy for Intel's evidence cannot be used: ${why}`);
}
