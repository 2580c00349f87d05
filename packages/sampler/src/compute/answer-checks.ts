/** What an answer was checked for: a closed list of named checks, each with a verdict and a sentence (PROTOCOL §9). */
import type { AttestationReport, Label, Verdict } from '@perigee/light-core/attest';
import type { ReceiptCheck, ReceiptCheckName } from '@perigee/light-core/receipt';
import { keyText, PerigeeError, type ProviderRegistration } from '@perigee/wire';

/** In the order in which they are shown. */
export const ANSWER_CHECKS = ['registration', 'hardware', 'code', 'model', 'channel', 'content', 'payment'] as const;
export type AnswerCheckName = (typeof ANSWER_CHECKS)[number];

export interface AnswerCheck {
  readonly name: AnswerCheckName;
  readonly verdict: Verdict;
  /** One sentence for people. */
  readonly reason: string;
  /** For programs: the check of evidence or receipt that is behind it; there is none with `pass`. */
  readonly code?: string;
}

/** Checks of a receipt that each of an answer's checks stands for. */
const OF_RECEIPT: Readonly<Record<'model' | 'channel' | 'content' | 'payment', readonly ReceiptCheckName[]>> = {
  model: ['model', 'evidence', 'parameters'],
  channel: ['chain', 'provider', 'signature'],
  content: ['order', 'request', 'sequence', 'content', 'final'],
  payment: ['payer', 'usage', 'fee'],
};

/** Evidence as it was judged: of hardware, or of a machine that there is not. There is no way from the second to the first. */
export type Hardware =
  | { readonly status: 'real'; readonly label: Label }
  | { readonly status: 'simulated'; readonly imitates: Label }
  | { readonly status: 'none' };

/**
 * `pass`: every check that is required passed; `code` is required where a policy names code. `incomplete`: all that came is right, and the provider has not signed
 * its end. `fail`: a check failed. `partial`: one could not be made.
 */
export type AnswerOutcome = 'pass' | 'partial' | 'incomplete' | 'fail';

export interface AnswerVerdict {
  readonly outcome: AnswerOutcome;
  readonly hardware: Hardware;
  /** All of them, always. */
  readonly checks: readonly AnswerCheck[];
}

/** What is known of an answer so far. */
export interface Findings {
  readonly registration?: ProviderRegistration;
  readonly report?: AttestationReport;
  /** Why there is no report. */
  readonly refusal?: PerigeeError;
  readonly receipt?: readonly ReceiptCheck[];
  /** What is asked and answered is sealed to the key that the evidence binds. */
  readonly isSealed?: boolean;
  /** What of that was not as it should be. */
  readonly unsealed?: PerigeeError | undefined;
}

export function judgeAnswer({
  registration,
  report,
  refusal,
  receipt = [],
  isSealed = false,
  unsealed,
}: Findings): AnswerVerdict {
  const checks: AnswerCheck[] = [
    registration === undefined
      ? open('registration', 'the chain was not asked yet')
      : passed(
          'registration',
          `The chain proves that provider ${keyText(registration.provider)} has registered this key and this model, until ${untilText(registration)}.`,
        ),
    hardwareCheck(report, refusal),
    codeCheck(report),
    receiptCheck('model', receipt),
    channelCheck(receipt, report, isSealed, unsealed),
    receiptCheck('content', receipt),
    receiptCheck('payment', receipt),
  ];
  return { outcome: outcomeOf(checks, receipt), hardware: hardwareOf(report, checks), checks };
}

function hardwareCheck(report: AttestationReport | undefined, refusal: PerigeeError | undefined): AnswerCheck {
  if (refusal !== undefined) {
    const code = refusal.code === 'ATTESTATION' ? String(refusal.data?.check ?? refusal.code) : refusal.code;
    return { name: 'hardware', verdict: 'fail', reason: sentence(refusal.message), code };
  }
  if (report === undefined) return open('hardware', 'the evidence was not looked at yet');
  if (report.overall === 'fail') {
    const failed = report.checks.find(({ required, verdict }) => required && verdict !== 'pass');
    return {
      name: 'hardware',
      verdict: 'fail',
      reason: failed?.reason ?? 'The evidence does not pass.',
      code: failed?.code ?? 'INTERNAL',
    };
  }
  if (report.status === 'simulated') {
    return passed(
      'hardware',
      `Simulated: keys of this development chain stand for ${report.platform}, and no hardware vouches for anything.`,
    );
  }
  return passed('hardware', `Evidence of ${report.platform} (${report.hardware}) binds this provider's keys and its model.`);
}

function codeCheck(report: AttestationReport | undefined): AnswerCheck {
  if (report === undefined) return open('code', 'the evidence was not looked at yet');
  const ofCode = report.checks.filter(({ level }) => level === 'code');
  const failed = ofCode.find(({ verdict }) => verdict === 'fail');
  if (failed !== undefined) return { name: 'code', verdict: 'fail', reason: failed.reason, code: failed.code ?? 'INTERNAL' };
  const notMade = ofCode.find(({ verdict }) => verdict === 'notChecked');
  if (notMade === undefined && ofCode.length > 0) return passed('code', 'The measurements are those of code that was asked for.');
  return open('code', 'nobody has named the code that may answer, so what runs there is not known');
}

function receiptCheck(name: keyof typeof OF_RECEIPT, receipt: readonly ReceiptCheck[]): AnswerCheck {
  const own = receipt.filter((check) => OF_RECEIPT[name].includes(check.name));
  const failed = own.find(({ verdict }) => verdict === 'fail');
  if (failed !== undefined) return { name, verdict: 'fail', reason: failed.reason, code: failed.name };
  const notMade = own.find(({ verdict }) => verdict === 'notChecked');
  if (own.length === 0) return open(name, 'no answer has come yet');
  if (notMade !== undefined) return { name, verdict: 'notChecked', reason: notMade.reason, code: notMade.name };
  // the most telling one is last
  const told = { model: 'model', channel: 'provider', content: 'content', payment: 'fee' }[name];
  return passed(name, own.find((check) => check.name === told)?.reason ?? '');
}

/** Who signed, and who could read it on the way. */
function channelCheck(
  receipt: readonly ReceiptCheck[],
  report: AttestationReport | undefined,
  isSealed: boolean,
  unsealed: PerigeeError | undefined,
): AnswerCheck {
  if (unsealed !== undefined) return { name: 'channel', verdict: 'fail', reason: sentence(unsealed.message), code: 'SEALED' };
  const check = receiptCheck('channel', receipt);
  if (check.verdict !== 'pass') return check;
  const reads = isSealed
    ? `Question and answer were sealed to its key: who carried them read neither${
        report?.status === 'simulated' ? ', but the operator can, since no hardware keeps that key' : ', nor did the operator'
      }.`
    : 'What was asked is not sealed to it: whoever carries it, and the operator, can read it.';
  return { ...check, reason: `${check.reason} ${reads}` };
}

function outcomeOf(checks: readonly AnswerCheck[], receipt: readonly ReceiptCheck[]): AnswerOutcome {
  const failed = checks.filter(({ verdict }) => verdict === 'fail');
  const isOnlyCut = failed.every(({ name, code }) => name === 'content' && code === 'final');
  if (failed.length > 0) return isOnlyCut && receipt.length > 0 ? 'incomplete' : 'fail';
  return checks.every(({ name, verdict }) => verdict === 'pass' || (name === 'code' && verdict === 'notChecked'))
    ? 'pass'
    : 'partial';
}

/** How far evidence carries, capped by every check that did not pass. */
function hardwareOf(report: AttestationReport | undefined, checks: readonly AnswerCheck[]): Hardware {
  if (report === undefined) return { status: 'none' };
  const carries = (label: Label): Label => {
    const isPassed = (name: AnswerCheckName): boolean => checks.some((check) => check.name === name && check.verdict === 'pass');
    if (!isPassed('registration') || !isPassed('hardware')) return 'none';
    // a model that code loads which nobody knows is that code's word
    return label === 'code' && isPassed('code') && isPassed('model') && isPassed('channel') ? 'model' : label;
  };
  return report.status === 'simulated'
    ? { status: 'simulated', imitates: carries(report.imitates) }
    : { status: 'real', label: carries(report.label) };
}

/** What keeps an answer from being used. */
export function refusalOf({ outcome, checks }: AnswerVerdict): PerigeeError | undefined {
  if (outcome === 'pass') return undefined;
  const first =
    checks.find(({ verdict }) => verdict === 'fail') ??
    checks.find(({ name, verdict }) => verdict === 'notChecked' && name !== 'code');
  const code = first?.name === 'hardware' || first?.name === 'code' ? 'ATTESTATION' : 'RECEIPT';
  return new PerigeeError(code, first?.reason ?? 'the answer could not be checked', {
    data: { check: first?.code ?? first?.name ?? null, outcome },
  });
}

function passed(name: AnswerCheckName, reason: string): AnswerCheck {
  return { name, verdict: 'pass', reason };
}

function open(name: AnswerCheckName, why: string): AnswerCheck {
  return { name, verdict: 'notChecked', reason: sentence(why), code: 'OPEN' };
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}${text.endsWith('.') ? '' : '.'}`;
}

function untilText({ expiryTime }: ProviderRegistration): string {
  return new Date(expiryTime * 1_000).toISOString();
}
