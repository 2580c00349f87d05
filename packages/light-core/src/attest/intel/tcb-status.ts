import { refuse } from '../code.ts';

/** Each status as the worries that it stands for; statuses of platform, module and quoting enclave together have all the worries of each. */
const WORRIES = {
  UpToDate: 0,
  SWHardeningNeeded: 1,
  ConfigurationNeeded: 2,
  ConfigurationAndSWHardeningNeeded: 3,
  OutOfDate: 4,
  OutOfDateConfigurationNeeded: 6,
  Revoked: 8,
} as const;

/** Intel's judgement of a version of firmware (Intel PCS API v4, "TCB status"). */
export type TcbStatus = keyof typeof WORRIES;

const HARDENING = 1;
const OUT_OF_DATE = 4;

/** @throws ATTESTATION (JSON) for one that is not known: a new word must not be read as a good one */
export function tcbStatusIn(value: unknown): TcbStatus {
  if (typeof value === 'string' && Object.hasOwn(WORRIES, value)) return value as TcbStatus;
  throw refuse('JSON', `TCB status ${JSON.stringify(value)?.slice(0, 40)} is not known`);
}

/** The status of a whole whose parts have these. What is out of date needs no word about software hardening. */
export function mergedStatus(parts: readonly TcbStatus[]): TcbStatus {
  const all = parts.reduce((sum, part) => sum | WORRIES[part], 0);
  if (all >= WORRIES.Revoked) return 'Revoked';
  const worries = all >= OUT_OF_DATE ? all & ~HARDENING : all;
  return (Object.keys(WORRIES) as TcbStatus[]).find((status) => WORRIES[status] === worries) ?? 'Revoked';
}
