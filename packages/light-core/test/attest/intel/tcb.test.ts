import { PerigeeError } from '@perigee/wire';
import { describe, expect, test } from 'vitest';
import { HARDWARE_SUPPORT, type IntelPolicy, type TcbStatus } from '../../../src/attest/index.ts';
import { readEnclaveReport } from '../../../src/attest/intel/enclave-report.ts';
import { matchQe, type QeIdentity } from '../../../src/attest/intel/qe-identity.ts';
import { mergedStatus, tcbStatusIn } from '../../../src/attest/intel/tcb-status.ts';
import { checkVerdict, verdictOf } from '../../../src/attest/intel/tcb-verdict.ts';

const DAY = 86_400_000;

function codeOf(run: () => unknown): unknown {
  try {
    run();
    return 'pass';
  } catch (error) {
    if (error instanceof PerigeeError && error.code === 'ATTESTATION') return error.data?.check;
    throw error;
  }
}

describe('statuses of parts come to one of the whole, as in the Quote Verification Library of Intel', () => {
  const [upToDate, hardening, configuration, both] = [
    'UpToDate',
    'SWHardeningNeeded',
    'ConfigurationNeeded',
    'ConfigurationAndSWHardeningNeeded',
  ] as const;
  const [old, oldConfiguration] = ['OutOfDate', 'OutOfDateConfigurationNeeded'] as const;

  test.each<[TcbStatus, TcbStatus, TcbStatus]>([
    [upToDate, upToDate, upToDate],
    [hardening, upToDate, hardening],
    [upToDate, old, old],
    [hardening, old, old],
    [configuration, old, oldConfiguration],
    [both, old, oldConfiguration],
    [old, old, old],
    [oldConfiguration, old, oldConfiguration],
    [oldConfiguration, upToDate, oldConfiguration],
    [configuration, hardening, both],
    [upToDate, 'Revoked', 'Revoked'],
    ['Revoked', upToDate, 'Revoked'],
    ['Revoked', 'Revoked', 'Revoked'],
  ])('%s and %s: %s', (one, other, due) => {
    expect(mergedStatus([one, other])).toBe(due);
    expect(mergedStatus([other, upToDate, one])).toBe(due);
  });

  test('a word that is not known is no status', () => {
    for (const word of ['uptodate', 'TdxRelaunchAdvised', '', 'toString', '__proto__', 0, null, undefined]) {
      expect(
        codeOf(() => tcbStatusIn(word)),
        String(word),
      ).toBe('JSON');
    }
  });
});

describe('what a policy takes', () => {
  const date = Date.parse('2025-01-01T00:00:00Z') / 1000;
  const of = (status: TcbStatus, policy: IntelPolicy, { days = 0, advisories = [] as readonly string[] } = {}) =>
    codeOf(() => checkVerdict(verdictOf([{ status, date, advisories }]), policy, date * 1000 + days * DAY));

  test('nothing but what is up to date, where it says nothing', () => {
    expect(of('UpToDate', {})).toBe('pass');
    expect(of('UpToDate', {}, { advisories: ['INTEL-SA-00001'] })).toBe('pass');
    for (const status of [
      'SWHardeningNeeded',
      'ConfigurationNeeded',
      'ConfigurationAndSWHardeningNeeded',
      'OutOfDate',
      'OutOfDateConfigurationNeeded',
      'Revoked',
    ] as const) {
      expect(of(status, {})).toBe('TCB_STATUS');
    }
    expect(of('UpToDate', { statuses: [] })).toBe('TCB_STATUS');
  });

  test('advisories that it names alone', () => {
    const policy: IntelPolicy = { statuses: ['SWHardeningNeeded'], advisories: ['INTEL-SA-00001'] };
    expect(of('SWHardeningNeeded', policy)).toBe('pass');
    expect(of('SWHardeningNeeded', policy, { advisories: ['INTEL-SA-00001'] })).toBe('pass');
    expect(of('SWHardeningNeeded', policy, { advisories: ['INTEL-SA-00001', 'INTEL-SA-00002'] })).toBe('ADVISORY');
  });

  test('what is out of date for so many days', () => {
    const policy: IntelPolicy = { statuses: ['OutOfDate'], graceDays: 30 };
    expect(of('OutOfDate', policy, { days: 30 })).toBe('pass');
    expect(of('OutOfDate', policy, { days: 30.1 })).toBe('TCB_STATUS');
    expect(of('OutOfDate', { statuses: ['OutOfDate'] }, { days: 1 })).toBe('TCB_STATUS');
    expect(of('OutOfDate', { statuses: ['OutOfDate'], graceDays: Number.NaN }, { days: 1 })).toBe('TCB_STATUS');
  });

  test('what is revoked never', () => {
    expect(of('Revoked', { statuses: ['Revoked'], graceDays: 1_000_000 })).toBe('TCB_STATUS');
  });

  test('all parts count: the oldest date, each advisory once', () => {
    const part = (status: TcbStatus, days: number, advisories: readonly string[]) => ({ status, date: date + days, advisories });
    expect(verdictOf([part('UpToDate', 3, ['b', 'a']), part('OutOfDate', 1, ['a']), part('UpToDate', 2, [])])).toEqual({
      status: 'OutOfDate',
      date: date + 1,
      advisories: ['a', 'b'],
    });
  });
});

describe('a quoting enclave', () => {
  const level = { status: 'UpToDate', date: 0, advisories: [] } as const;
  const identity: QeIdentity = {
    issueDate: 0,
    nextUpdate: 1,
    evaluation: 1,
    miscSelect: new Uint8Array(4),
    miscSelectMask: new Uint8Array(4).fill(0xff),
    attributes: Uint8Array.of(0x11, ...new Uint8Array(15)),
    attributesMask: Uint8Array.of(0xfb, ...new Uint8Array(7).fill(0xff), ...new Uint8Array(8)),
    mrSigner: new Uint8Array(32).fill(7),
    isvProdId: 2,
    levels: [
      { ...level, isvSvn: 6 },
      { ...level, status: 'OutOfDate', isvSvn: 4 },
    ],
  };
  const bytes = (change: Readonly<Record<number, number>>): Uint8Array => {
    const report = new Uint8Array(384);
    report.set([0x15], 48);
    report.set(identity.mrSigner, 128);
    report.set([2, 0, 6, 0], 256);
    for (const [at, value] of Object.entries(change)) report[Number(at)] = value;
    return report;
  };
  const of = (change: Readonly<Record<number, number>>) => {
    const found = { status: '' };
    const code = codeOf(() => Object.assign(found, matchQe(readEnclaveReport(bytes(change)), identity)));
    return code === 'pass' ? found.status : code;
  };

  test.each([
    ['of the newest version', {}, 'UpToDate'],
    ['newer than all that is known', { 258: 200 }, 'UpToDate'],
    ['of an older version', { 258: 5 }, 'OutOfDate'],
    ['older than all that is known', { 258: 3 }, 'TCB_LEVEL'],
    ['that is debugged', { 48: 0x17 }, 'DEBUG'],
    ['with other attributes', { 48: 0x35 }, 'ATTRIBUTES'],
    ['with other attributes, further on', { 55: 1 }, 'ATTRIBUTES'],
    ['with another XFRM, which the mask leaves out', { 56: 7 }, 'UpToDate'],
    ['with another MISCSELECT', { 16: 1 }, 'ATTRIBUTES'],
    ['of another signer', { 128: 8 }, 'IDENTITY'],
    ['that is another product', { 256: 1 }, 'IDENTITY'],
    ['whose product differs in the high byte', { 257: 1 }, 'IDENTITY'],
  ])('%s', (_, change, due) => {
    expect(of(change)).toBe(due);
  });
});

test('the list of what real hardware has shown says of Intel what reports say', () => {
  const of = (platform: string) => HARDWARE_SUPPORT.filter((one) => one.platform === platform).map(({ status }) => status);
  expect([of('intel-tdx'), of('intel-sgx')]).toEqual([['tested'], ['untested on hardware']]);
});
