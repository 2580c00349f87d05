import type { AttestationReport, Check } from '@perigee/light-core/attest';
import { RECEIPT_CHECKS, type ReceiptCheck } from '@perigee/light-core/receipt';
import { PerigeeError, type ProviderRegistration } from '@perigee/wire';
import { expect, it } from 'vitest';
import { judgeAnswer, refusalOf } from '../../src/compute/answer-checks.ts';

const registration = { provider: new Uint8Array(20), expiryTime: 2_000_000_000 } as ProviderRegistration;
const codeCheck = (verdict: Check['verdict']): Check =>
  ({ name: 'measurement', level: 'code', verdict, required: verdict !== 'notChecked', reason: 'Words.' }) as Check;
const common = { platform: 'intel-tdx', hardware: 'tested', overall: 'pass', fields: [], claims: {} };
const real = (label: string, ...checks: Check[]) =>
  ({ ...common, status: 'real-pass', label, checks }) as unknown as AttestationReport;
const simulated = (imitates: string, ...checks: Check[]) =>
  ({ ...common, status: 'simulated', imitates, checks }) as unknown as AttestationReport;
const failing = { ...common, status: 'real-fail', label: 'none', overall: 'fail', checks: [] } as unknown as AttestationReport;

/** All checks of a receipt passed but one. */
const receipt = (but?: ReceiptCheck['name'], verdict: ReceiptCheck['verdict'] = 'fail'): ReceiptCheck[] =>
  RECEIPT_CHECKS.map((name) => ({ name, verdict: name === but ? verdict : 'pass', reason: `${name}.` }));

const whole = { registration, report: real('hardware', codeCheck('notChecked')), isSealed: true };

it('an answer passes when all but the code was checked, and every other check that is open or failed keeps it from that', () => {
  expect(judgeAnswer({ ...whole, receipt: receipt() }).outcome).toBe('pass');
  expect(refusalOf(judgeAnswer({ ...whole, receipt: receipt() }))).toBeUndefined();
  for (const name of RECEIPT_CHECKS) {
    const failed = judgeAnswer({ ...whole, receipt: receipt(name) });
    expect([name, failed.outcome]).toEqual([name, name === 'final' ? 'incomplete' : 'fail']);
    expect(refusalOf(failed)).toMatchObject({ code: 'RECEIPT', data: { check: name } });
    const open = judgeAnswer({ ...whole, receipt: receipt(name, 'notChecked') });
    expect([name, open.outcome]).toEqual([name, 'partial']);
    expect(refusalOf(open)).toMatchObject({ code: 'RECEIPT', data: { check: name } });
  }
  expect(judgeAnswer({ ...whole, receipt: [] }).outcome).toBe('partial');
  expect(judgeAnswer({ report: whole.report, receipt: receipt() }).outcome).toBe('partial');
  expect(judgeAnswer({ registration, receipt: receipt() }).outcome).toBe('partial');
  expect(judgeAnswer({ registration, report: failing, receipt: receipt() }).outcome).toBe('fail');
  const refusal = new PerigeeError('ATTESTATION', 'changed', { data: { check: 'CHANGED' } });
  expect(refusalOf(judgeAnswer({ registration, refusal, receipt: receipt() }))).toMatchObject({
    code: 'ATTESTATION',
    data: { check: 'CHANGED' },
  });
  const unsealed = new PerigeeError('SEALED', 'a frame was changed');
  expect(refusalOf(judgeAnswer({ ...whole, unsealed, receipt: receipt() }))).toMatchObject({ data: { check: 'SEALED' } });
  const otherCode = real('hardware', codeCheck('fail'));
  expect(judgeAnswer({ ...whole, report: otherCode, receipt: receipt() }).outcome).toBe('fail');
});

it('evidence carries as far as the checks before it, and what is simulated is never called real', () => {
  const hardware = (report: AttestationReport, given = receipt()) =>
    judgeAnswer({ registration, report, receipt: given }).hardware;
  expect(hardware(whole.report)).toEqual({ status: 'real', label: 'hardware' });
  expect(hardware(real('code', codeCheck('pass')))).toEqual({ status: 'real', label: 'model' });
  expect(hardware(real('code', codeCheck('pass')), receipt('model'))).toEqual({ status: 'real', label: 'code' });
  expect(hardware(real('code', codeCheck('pass')), receipt('signature'))).toEqual({ status: 'real', label: 'code' });
  expect(hardware(failing)).toEqual({ status: 'real', label: 'none' });
  expect(hardware(simulated('code', codeCheck('pass')))).toEqual({ status: 'simulated', imitates: 'model' });
  expect(judgeAnswer({ report: real('code', codeCheck('pass')), receipt: receipt() }).hardware).toEqual({
    status: 'real',
    label: 'none',
  });
  const channel = (report: AttestationReport, isSealed: boolean) =>
    judgeAnswer({ registration, report, isSealed, receipt: receipt() }).checks.find(({ name }) => name === 'channel')?.reason;
  expect(channel(whole.report, true)).toContain('nor did the operator');
  expect(channel(simulated('hardware'), true)).toContain('but the operator can');
  expect(channel(whole.report, false)).toContain('can read it');
});
