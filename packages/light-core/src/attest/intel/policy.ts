import type { TcbStatus } from './tcb-status.ts';

/** Values in hexadecimal that a trust domain must have. Those of its code are always named: with fewer, other code would fit too. */
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

/**
 * What Intel's evidence must be besides authentic. Data: a chain may hold it as a parameter, and a page may show it. Hexadecimal is of either case; a value
 * that is none, or of another length, fits nothing.
 */
export interface IntelPolicy {
  /** Judgements of Intel that are taken; `Revoked` never is, and one that is out of date only within `graceDays`. `UpToDate` alone by default. */
  readonly statuses?: readonly TcbStatus[];
  /** Advisories that may apply, such as `INTEL-SA-00828`: none by default. */
  readonly advisories?: readonly string[];
  /** Days since the date of its level in which a platform may be out of date; 0 by default. */
  readonly graceDays?: number;
  /** Lowest `tcbEvaluationDataNumber`, a parameter of the chain. */
  readonly minTcbEvaluation?: number;
  /** Lowest of each of the first SVNs of a TD report: of the TDX module, of its major version, of its loader. */
  readonly minTeeTcbSvn?: readonly number[];
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
