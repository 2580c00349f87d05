/** Checks of answers and receipts in words. */
import type { ReceiptCheck } from '@perigee/light-core/receipt';
import { falseReportsOf } from '@perigee/light-core/registration';
import type { AnswerVerdict } from '@perigee/sampler/compute';
import { type ReportCount, type ReportSums, type SignerKey, toHex } from '@perigee/wire';

const MARK = { pass: 'pass', fail: 'FAIL', notChecked: '----' } as const;

interface AnyCheck {
  readonly name: string;
  readonly verdict: keyof typeof MARK;
  readonly reason: string;
  readonly code?: string;
}

function checkLine({ name, verdict, reason, code }: AnyCheck): string {
  return `${MARK[verdict]}  ${name.padEnd(12)} ${reason}${code === undefined || verdict === 'pass' ? '' : ` [${code}]`}`;
}

/** A line for each check, and how far they carry. */
export function verdictLines({ checks, hardware, outcome }: AnswerVerdict): string[] {
  const carries =
    hardware.status === 'real'
      ? hardware.label
      : hardware.status === 'simulated'
        ? `nothing: simulated, made by the keys of a development chain (imitates ${hardware.imitates})`
        : 'nothing: there is no evidence';
  return [...checks.map(checkLine), `carries            ${carries}`, `result             ${outcomeText(outcome)}`];
}

/** What auditors have said of a key, and what that is worth. */
export function reportLines(sums: ReportSums, { key }: SignerKey): string[] {
  const { agreement, fraud, overcount } = sums;
  if (agreement.reports + falseReportsOf(sums) === 0) return ['reports  none: no auditor has said anything of this key'];
  const by = ({ reports, accounts }: ReportCount, what: string): string =>
    `${reports} ${what}${reports === 1 ? '' : 's'}${reports === 0 ? '' : ` (${accounts} ${accounts === 1 ? 'account' : 'accounts'})`}`;
  const counted = [by(agreement, 'agreement'), by(fraud, 'false answer'), by(overcount, 'false count')].join(', ');
  return [
    `reports  ${counted}: claims of accounts that left a deposit, which the chain has not judged`,
    ...(falseReportsOf(sums) === 0 ? [] : [`         see for yourself: perigee audit --against ${toHex(key)}`]),
  ];
}

export function receiptLines(checks: readonly ReceiptCheck[]): string[] {
  return checks.map(checkLine);
}

function outcomeText(outcome: AnswerVerdict['outcome']): string {
  return {
    pass: 'every required check passed',
    partial: 'a check could not be made',
    incomplete: 'the answer was cut off: the provider has not signed its end',
    fail: 'a check failed: do not use the answer',
  }[outcome];
}
