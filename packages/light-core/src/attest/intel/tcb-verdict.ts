import { refuse } from '../code.ts';
import { dateOf } from '../time.ts';
import type { IntelPolicy } from './policy.ts';
import type { Judgement } from './tcb-info.ts';
import { mergedStatus, type TcbStatus } from './tcb-status.ts';

/** What Intel's judgements of the parts come to together. */
export interface TcbVerdict {
  readonly status: TcbStatus;
  /** Seconds since 1970: the oldest date of the parts. */
  readonly date: number;
  /** Of all parts, each once. */
  readonly advisories: readonly string[];
}

const DAY_SECONDS = 86_400;

/** @param parts of platform, TDX module and quoting enclave; one at least */
export function verdictOf(parts: readonly Judgement[]): TcbVerdict {
  return {
    status: mergedStatus(parts.map(({ status }) => status)),
    date: Math.min(...parts.map(({ date }) => date)),
    advisories: [...new Set(parts.flatMap(({ advisories }) => advisories))].sort(),
  };
}

/**
 * @param time milliseconds since 1970
 * @throws ATTESTATION (TCB_STATUS, ADVISORY) unless the policy takes it
 */
export function checkVerdict(
  { status, date, advisories }: TcbVerdict,
  { statuses = ['UpToDate'], ...policy }: IntelPolicy,
  time: number,
): void {
  if (status === 'Revoked' || !statuses.includes(status))
    throw refuse('TCB_STATUS', `Intel judges all parts together ${status}, which the policy does not take`);
  if (status === 'UpToDate') return;
  const isOld = status === 'OutOfDate' || status === 'OutOfDateConfigurationNeeded';
  const days = policy.graceDays ?? 0;
  if (isOld && !(time / 1000 <= date + days * DAY_SECONDS))
    throw refuse('TCB_STATUS', `the platform's firmware is of ${dateOf(date)}, and the policy allows ${days} days`);
  const taken = policy.advisories ?? [];
  const other = advisories.filter((one) => !taken.includes(one));
  if (other.length > 0) throw refuse('ADVISORY', `${other.join(', ')} may apply, which the policy does not take`);
}
