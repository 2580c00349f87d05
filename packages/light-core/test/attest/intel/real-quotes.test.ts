import { describe, expect, test } from 'vitest';
import {
  type AttestationReport,
  type IntelCollateral,
  type IntelPolicy,
  verifyEvidence,
  webCryptoAttest,
} from '../../../src/attest/index.ts';
import { nobleAttest } from '../../../src/attest/noble/index.ts';
import { dcapCollateral, hasVectors, vector } from './vectors.ts';

const DAY = 86_400_000;
const AT = Date.parse('2025-06-25T00:00:00Z');

interface Case {
  readonly quote: Uint8Array;
  readonly intel: IntelCollateral;
  readonly time: number;
  readonly policy?: IntelPolicy;
}

/** The verdict, and for what did not pass the code, of each check; both implementations of cryptography must agree on all of it. */
async function judge({
  quote,
  intel,
  time,
  policy = {},
}: Case): Promise<{ report: AttestationReport; verdicts: Record<string, string> }> {
  const options = { collateral: { intel }, time, policy: { intel: policy }, roots: 'vendor' } as const;
  const report = await verifyEvidence(quote, { ...options, crypto: webCryptoAttest(crypto.subtle) });
  expect(await verifyEvidence(quote, { ...options, crypto: nobleAttest })).toEqual(report);
  const verdicts = report.checks.map(({ name, verdict, code }) => [name, code === undefined ? verdict : `${verdict} ${code}`]);
  return { report, verdicts: Object.fromEntries(verdicts) };
}

const PASSING = {
  parse: 'pass',
  trailingBytes: 'pass',
  pckChain: 'pass',
  rootCrl: 'pass',
  pckCrl: 'pass',
  revocation: 'pass',
  tcbInfo: 'pass',
  qeIdentity: 'pass',
  rollback: 'pass',
  platformIdentity: 'pass',
  qeReport: 'pass',
  attestationKey: 'pass',
  quotingEnclave: 'pass',
  quoteSignature: 'pass',
  tcbLevel: 'pass',
  tdxModule: 'pass',
  tcbStatus: 'pass',
  trustDomain: 'pass',
  measurements: 'notChecked NOT_ASKED',
  reportData: 'notChecked NOT_ASKED',
};

describe.skipIf(!hasVectors)('quotes of real processors (../shared/vectors/tee/intel)', () => {
  const quote = hasVectors ? vector('dcap-qvl.tdx_quote') : new Uint8Array(0);
  const intel = hasVectors ? dcapCollateral() : {};
  const field = (report: AttestationReport, name: string) => report.fields.find((one) => one.name === name)?.value ?? '';

  test('the one of dcap-qvl passes at its time, with each check by name', async () => {
    const { report, verdicts } = await judge({ quote, intel, time: AT });
    expect(verdicts).toEqual(PASSING);
    expect(report).toMatchObject({
      status: 'real-pass',
      overall: 'pass',
      label: 'hardware',
      platform: 'intel-tdx',
      hardware: 'tested',
    });
    expect(report.claims).toMatchObject({ version: 4, tcb: { status: 'UpToDate', advisories: [] }, tcbEvaluation: 17 });
  });

  test('it is labelled by its code where the policy names that, and refused where it names other code', async () => {
    const { report } = await judge({ quote, intel, time: AT });
    const [mrTd, rtmr1, rtmr2] = ['mrTd', 'rtmr1', 'rtmr2'].map((name) => field(report, name)) as [string, string, string];
    const known = { mrTd, rtmr1, rtmr2: rtmr2.toUpperCase() };
    const named = await judge({ quote, intel, time: AT, policy: { trustDomains: [{ ...known, mrTd: rtmr1 }, known] } });
    expect(named.report).toMatchObject({ overall: 'pass', label: 'code' });
    const reportData = field(report, 'reportData');
    const bound = await judge({ quote, intel, time: AT, policy: { trustDomains: [known], reportData } });
    // what comes between, a model and a GPU, nobody has looked at
    expect(bound.report).toMatchObject({ overall: 'pass', label: 'code' });
    for (const trustDomains of [
      [{ ...known, rtmr2: rtmr1 }],
      [{ ...known, mrConfigId: mrTd }],
      [{ mrTd: '', rtmr1: '', rtmr2: '' }],
      [{} as typeof known],
    ]) {
      const other = await judge({ quote, intel, time: AT, policy: { trustDomains } });
      expect(other.report).toMatchObject({ overall: 'fail', label: 'none' });
      expect(other.verdicts).toEqual({ ...PASSING, measurements: 'fail MEASUREMENT' });
    }
    const unbound = await judge({ quote, intel, time: AT, policy: { reportData: `00${reportData.slice(2)}` } });
    expect(unbound.verdicts).toEqual({ ...PASSING, reportData: 'fail REPORT_DATA' });
    expect(unbound.report.overall).toBe('fail');
  });

  test('it is refused one day before and one day after its collateral', async () => {
    const [from, to] = [Date.parse('2025-06-19T10:32:27Z'), Date.parse('2025-07-19T10:00:35Z')];
    for (const time of [from, to, to + 999]) expect((await judge({ quote, intel, time })).report.status).toBe('real-pass');
    const late = await judge({ quote, intel, time: to + DAY });
    expect(late.report).toMatchObject({ status: 'real-fail', overall: 'fail', label: 'none' });
    expect(late.report.claims).toBeUndefined();
    expect(late.verdicts).toMatchObject({
      pckCrl: 'fail EXPIRED',
      tcbInfo: 'fail EXPIRED',
      qeIdentity: 'fail EXPIRED',
      revocation: 'notChecked DEPENDS',
    });
    const early = await judge({ quote, intel, time: from - DAY });
    expect(early.report).toMatchObject({ status: 'real-fail', label: 'none' });
    expect(early.verdicts).toMatchObject({
      pckCrl: 'fail NOT_YET_VALID',
      tcbInfo: 'fail NOT_YET_VALID',
      qeIdentity: 'fail NOT_YET_VALID',
    });
    expect((await judge({ quote, intel, time: to + 1000 })).report.overall).toBe('fail');
    expect((await judge({ quote, intel, time: from - 1 })).report.overall).toBe('fail');
  });

  test('version 4 of go-tdx-guest: all that its files allow passes, the rest is named, and the whole does not', async () => {
    const files = {
      tcbInfo: vector('go-tdx-guest.sample_tcbInfo_response'),
      qeIdentity: vector('go-tdx-guest.sample_qeIdentity_response'),
      rootCrl: vector('go-tdx-guest.rootcrl.der'),
      pckCrl: vector('go-tdx-guest.pckcrl'),
    };
    const spr = vector('go-tdx-guest.tdx_prod_quote_SPR_E4.dat');
    const { report, verdicts } = await judge({
      quote: spr,
      intel: files,
      time: Date.parse('2023-06-20T00:00:00Z'),
      policy: { allowSeptVe: true },
    });
    expect(report).toMatchObject({ status: 'real-fail', overall: 'fail', label: 'none' });
    expect(verdicts).toEqual({
      ...PASSING,
      trailingBytes: 'fail TRAILING_BYTES', // "extra bytes(only for testing purpose)"
      tcbInfo: 'notChecked COLLATERAL_MISSING', // the chains of the signers came in headers that were not kept
      qeIdentity: 'notChecked COLLATERAL_MISSING',
      rollback: 'notChecked DEPENDS',
      platformIdentity: 'notChecked DEPENDS',
      quotingEnclave: 'notChecked DEPENDS',
      tcbLevel: 'notChecked DEPENDS',
      tdxModule: 'notChecked DEPENDS',
      tcbStatus: 'notChecked DEPENDS',
    });
    const strict = await judge({ quote: spr, intel: files, time: Date.parse('2023-06-20T00:00:00Z') });
    expect(strict.verdicts).toEqual({ ...verdicts, trustDomain: 'fail ATTRIBUTES' });
    // Intel gave the signer a new certificate for its old key in 2025: the signatures are right, and the dates are not
    const { rootCrl, tcbInfoChain } = dcapCollateral();
    const later = await judge({
      quote: spr,
      intel: { ...files, rootCrl, tcbInfoChain, qeIdentityChain: tcbInfoChain },
      time: AT,
    });
    expect(later.verdicts).toMatchObject({ rootCrl: 'pass', tcbInfo: 'fail EXPIRED', qeIdentity: 'fail EXPIRED' });
  });

  test('version 5 of go-tdx-guest: all that its files allow passes, the rest is named, and the whole does not', async () => {
    const files = {
      tcbInfo: vector('go-tdx-guest.sample_tcbinfo_response_v5'),
      tcbInfoChain: dcapCollateral().tcbInfoChain, // of the same signer
      rootCrl: dcapCollateral().rootCrl,
      pckCrl: vector('go-tdx-guest.pckcrl'),
    };
    const v5 = vector('go-tdx-guest.quote_v5_sample.dat');
    const { report, verdicts } = await judge({ quote: v5, intel: files, time: Date.parse('2026-02-15T00:00:00Z') });
    expect(report).toMatchObject({ status: 'real-fail', overall: 'fail', label: 'none', platform: 'intel-tdx' });
    expect(field(report, 'mrServiceTd')).toBe('00'.repeat(48));
    expect(verdicts).toEqual({
      ...PASSING,
      pckCrl: 'fail EXPIRED',
      revocation: 'notChecked DEPENDS',
      qeIdentity: 'notChecked COLLATERAL_MISSING',
      rollback: 'notChecked DEPENDS',
      quotingEnclave: 'notChecked DEPENDS',
      tcbStatus: 'notChecked DEPENDS',
    });
    expect(report.seen).toEqual({
      'intel/tcbInfo/tdx/90c06f000000': 18,
      'intel/crl/22650cd65a9d3489f383b49552bf501b392706ac/number': 1,
      'intel/crl/22650cd65a9d3489f383b49552bf501b392706ac/thisUpdate': 1_742_469_717,
    });
  });
});
