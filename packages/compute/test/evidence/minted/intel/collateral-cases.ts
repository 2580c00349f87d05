import type { IntelCollateral } from '@perigee/light-core/attest';
import { fromUtf8, toHex, utf8 } from '@perigee/wire';
import type { IntelPki } from '../../../../src/evidence/simulated/intel/pki.ts';
import { signJson } from '../../../../src/evidence/simulated/intel/pki.ts';
import { pceSvnOf, type QeIdentity, type TcbInfo, type TcbStatus } from '../../../../src/evidence/simulated/intel/tcb-info.ts';
import type { BadCase } from '../case.ts';
import { NOW } from '../simulation.ts';
import { type IntelRecipe, STRANGER } from './recipe.ts';

const info = (change: Partial<TcbInfo> | ((info: TcbInfo) => Partial<TcbInfo>)): IntelRecipe => ({
  pki: { tcbInfo: (valid) => ({ ...valid, ...(typeof change === 'function' ? change(valid) : change) }) },
});
const identity = (change: Partial<QeIdentity> | ((identity: QeIdentity) => Partial<QeIdentity>)): IntelRecipe => ({
  pki: { qeIdentity: (valid) => ({ ...valid, ...(typeof change === 'function' ? change(valid) : change) }) },
});
const without = (name: keyof IntelCollateral): IntelRecipe => ({ collateral: ({ [name]: _, ...rest }) => rest });
const text = (name: 'tcbInfo' | 'qeIdentity', change: (text: string, pki: IntelPki) => string): IntelRecipe => ({
  collateral: (all, pki) => ({ ...all, [name]: utf8(change(fromUtf8(all[name] ?? new Uint8Array()), pki)) }),
});
const iso = (seconds: number) => new Date(seconds * 1_000).toISOString().replace('.000Z', 'Z');
const ADVISORIES = ['INTEL-SA-00000'];
/** A platform whose PCE brings it to a status. */
const at = (status: TcbStatus, more: IntelRecipe = {}): IntelRecipe => ({
  pki: { platform: (platform) => ({ ...platform, pceSvn: pceSvnOf(status) }) },
  ...more,
});
const taken = (status: Exclude<TcbStatus, 'Revoked'>, graceDays = 0) => ({
  statuses: ['UpToDate', status] as const,
  advisories: ADVISORIES,
  graceDays,
});
/** Days from the levels' date to NOW, and enough. */
const GRACE_DAYS = 1_000;
const LEVEL_DATE = Date.parse('2024-03-13T00:00:00Z') / 1_000;
const deep = (depth: number) => '['.repeat(depth) + ']'.repeat(depth);

/** A status that the policy does not take, beside a policy that does. */
const statusCase = (status: Exclude<TcbStatus, 'UpToDate' | 'Revoked'>): BadCase<IntelRecipe> => ({
  name: `Intel judges the platform ${status}`,
  twin: at(status, { policy: taken(status, GRACE_DAYS) }),
  bad: { policy: { advisories: ADVISORIES, graceDays: GRACE_DAYS } },
  check: 'tcbStatus',
  code: 'TCB_STATUS',
});

/** TCB information and the identity of the quoting enclave: authentic, current, of this platform, and what they say. */
export const COLLATERAL_CASES: readonly BadCase<IntelRecipe>[] = [
  {
    name: 'TCB information is missing',
    bad: without('tcbInfo'),
    check: 'tcbInfo',
    code: 'COLLATERAL_MISSING',
    verdict: 'notChecked',
  },
  {
    name: 'the chain of its signer is missing',
    bad: without('tcbInfoChain'),
    check: 'tcbInfo',
    code: 'COLLATERAL_MISSING',
    verdict: 'notChecked',
  },
  {
    name: 'the identity of the quoting enclave is missing',
    bad: without('qeIdentity'),
    check: 'qeIdentity',
    code: 'COLLATERAL_MISSING',
    verdict: 'notChecked',
  },
  { name: 'there is no collateral', bad: { collateral: () => ({}) }, check: 'tcbLevel', code: 'DEPENDS', verdict: 'notChecked' },
  {
    name: 'TCB information has expired',
    twin: info({ nextUpdate: iso(NOW) }),
    bad: info({ nextUpdate: iso(NOW - 1) }),
    check: 'tcbInfo',
    code: 'EXPIRED',
  },
  {
    name: 'TCB information is not valid yet',
    twin: info({ issueDate: iso(NOW) }),
    bad: info({ issueDate: iso(NOW + 1) }),
    check: 'tcbInfo',
    code: 'NOT_YET_VALID',
  },
  {
    name: 'the identity has expired',
    twin: identity({ nextUpdate: iso(NOW) }),
    bad: identity({ nextUpdate: iso(NOW - 1) }),
    check: 'qeIdentity',
    code: 'EXPIRED',
  },
  {
    name: 'the identity is not valid yet',
    twin: identity({ issueDate: iso(NOW) }),
    bad: identity({ issueDate: iso(NOW + 1) }),
    check: 'qeIdentity',
    code: 'NOT_YET_VALID',
  },
  {
    name: 'everything is a day past its window',
    twin: { later: 29 * 86_400_000 },
    bad: { later: 30 * 86_400_000 },
    check: 'rootCrl',
    code: 'EXPIRED',
  },
  { name: 'TCB information is of SGX', bad: info({ id: 'SGX' }), check: 'tcbInfo', code: 'COLLATERAL' },
  { name: 'TCB information is of version 2', bad: info({ version: 2 }), check: 'tcbInfo', code: 'COLLATERAL' },
  { name: 'TCB information is of another type', bad: info({ tcbType: 1 }), check: 'tcbInfo', code: 'COLLATERAL' },
  { name: 'the identity is that of SGX', bad: identity({ id: 'QE' }), check: 'qeIdentity', code: 'COLLATERAL' },
  {
    name: 'the identity is that of the quote verification enclave',
    twin: { form: 'sgx' },
    bad: identity({ id: 'QVE' }),
    check: 'qeIdentity',
    code: 'COLLATERAL',
  },
  {
    name: 'the identity stands where TCB information belongs',
    bad: { collateral: (all) => ({ ...all, tcbInfo: all.qeIdentity ?? new Uint8Array() }) },
    check: 'tcbInfo',
    code: 'JSON',
  },
  {
    name: 'a status was changed after it was signed',
    twin: at('OutOfDate', { policy: taken('OutOfDate', GRACE_DAYS) }),
    bad: text('tcbInfo', (json) => json.replaceAll('"OutOfDate"', '"UpToDate"')),
    check: 'tcbInfo',
    code: 'SIGNATURE',
  },
  {
    name: 'a space was put in after it was signed',
    bad: text('tcbInfo', (json) => json.replace('"version":3', '"version": 3')),
    check: 'tcbInfo',
    code: 'SIGNATURE',
  },
  {
    name: 'its signature is one of zeros',
    bad: text('tcbInfo', (json) => json.replace(/"signature":"[0-9a-f]+"/, `"signature":"${'00'.repeat(64)}"`)),
    check: 'tcbInfo',
    code: 'SIGNATURE',
  },
  {
    name: 'its signature is too short',
    bad: text('tcbInfo', (json) => json.replace(/"signature":"../, '"signature":"')),
    check: 'tcbInfo',
    code: 'JSON',
  },
  {
    name: 'a stranger signed it',
    bad: text('tcbInfo', (json) => signJson('tcbInfo', (JSON.parse(json) as { tcbInfo: object }).tcbInfo, STRANGER)),
    check: 'tcbInfo',
    code: 'SIGNATURE',
  },
  {
    name: 'it comes twice, the second false',
    bad: text('tcbInfo', (json) => `${json.slice(0, -1)},"tcbInfo":{}}`),
    check: 'tcbInfo',
    code: 'JSON',
  },
  {
    name: 'another member stands beside it',
    bad: text('tcbInfo', (json) => `{"x":1,${json.slice(1)}`),
    check: 'tcbInfo',
    code: 'JSON',
  },
  {
    name: 'something stands behind it',
    twin: text('tcbInfo', (json) => `${json}\n`),
    bad: text('tcbInfo', (json) => `${json}{}`),
    check: 'tcbInfo',
    code: 'JSON',
  },
  {
    name: 'it is nested without end',
    bad: text('tcbInfo', () => `{"tcbInfo":${deep(50_000)},"signature":""}`),
    check: 'tcbInfo',
    code: 'TOO_LARGE',
  },
  {
    name: 'it is half a megabyte',
    bad: text('tcbInfo', (json) => json.padEnd(1 << 19, ' ')),
    check: 'tcbInfo',
    code: 'TOO_LARGE',
  },
  { name: 'the identity is not JSON', bad: text('qeIdentity', () => 'null'), check: 'qeIdentity', code: 'JSON' },
  {
    name: 'a status that nobody knows',
    bad: info(({ tcbLevels }) => ({ tcbLevels: [{ ...tcbLevels[0]!, tcbStatus: 'Splendid' }] })),
    check: 'tcbInfo',
    code: 'JSON',
  },
  {
    name: 'a level lacks a component',
    bad: info(({ tcbLevels }) => ({
      tcbLevels: tcbLevels.map((level) => ({
        ...level,
        tcb: { ...level.tcb, sgxtcbcomponents: level.tcb.sgxtcbcomponents.slice(1) },
      })),
    })),
    check: 'tcbInfo',
    code: 'JSON',
  },
  { name: 'a date that there is not', bad: info({ nextUpdate: '2027-02-30T00:00:00Z' }), check: 'tcbInfo', code: 'JSON' },
  { name: 'an evaluation that is no number', bad: info({ tcbEvaluationDataNumber: 17.5 }), check: 'tcbInfo', code: 'JSON' },
  {
    name: 'the evaluation is below that of the chain',
    twin: { policy: { minTcbEvaluation: 17 } },
    bad: { policy: { minTcbEvaluation: 18 } },
    check: 'rollback',
    code: 'ROLLBACK',
  },
  {
    name: 'the evaluation of the identity is below that of the chain',
    twin: { ...identity({ tcbEvaluationDataNumber: 16 }), policy: { minTcbEvaluation: 16 } },
    bad: { policy: { minTcbEvaluation: 17 } },
    check: 'rollback',
    code: 'ROLLBACK',
  },
  {
    name: 'TCB information is of another model',
    bad: info({ fmspc: 'B0C06F000000' }),
    check: 'platformIdentity',
    code: 'IDENTITY',
  },
  { name: 'TCB information is of another PCE', bad: info({ pceId: '0100' }), check: 'platformIdentity', code: 'IDENTITY' },
  ...(
    [
      'SWHardeningNeeded',
      'ConfigurationNeeded',
      'ConfigurationAndSWHardeningNeeded',
      'OutOfDate',
      'OutOfDateConfigurationNeeded',
    ] as const
  ).map(statusCase),
  {
    name: 'Intel judges the platform Revoked',
    twin: at('OutOfDate', { policy: taken('OutOfDate', GRACE_DAYS) }),
    bad: at('Revoked'),
    check: 'tcbStatus',
    code: 'TCB_STATUS',
  },
  {
    name: 'its time of grace is over',
    twin: at('OutOfDate', { policy: taken('OutOfDate', Math.ceil((NOW - LEVEL_DATE) / 86_400)) }),
    bad: { policy: taken('OutOfDate', Math.floor((NOW - LEVEL_DATE) / 86_400)) },
    check: 'tcbStatus',
    code: 'TCB_STATUS',
  },
  {
    name: 'an advisory that the policy does not take',
    twin: at('SWHardeningNeeded', { policy: taken('SWHardeningNeeded') }),
    bad: { policy: { ...taken('SWHardeningNeeded'), advisories: ['INTEL-SA-00001'] } },
    check: 'tcbStatus',
    code: 'ADVISORY',
  },
  {
    name: 'a level gained by the order of levels',
    twin: at('SWHardeningNeeded', { policy: taken('SWHardeningNeeded') }),
    bad: { policy: {} },
    check: 'tcbStatus',
    code: 'TCB_STATUS',
  },
  {
    name: 'the PCE is older than all levels',
    twin: at('UpToDate'),
    bad: { pki: { platform: (platform) => ({ ...platform, pceSvn: pceSvnOf('Revoked') - 1 }) } },
    check: 'tcbLevel',
    code: 'TCB_LEVEL',
  },
  {
    name: 'a component of the processor is older than all levels',
    twin: {
      pki: {
        platform: (platform) => ({ ...platform, cpuSvn: platform.cpuSvn.map((svn, i) => svn + Number(i === 7)) }),
        tcbInfo: (info) => info,
      },
    },
    bad: { pki: { platform: (platform) => ({ ...platform, cpuSvn: platform.cpuSvn.map((svn, i) => svn - Number(i === 7)) }) } },
    check: 'tcbLevel',
    code: 'TCB_LEVEL',
  },
  { name: 'there are no levels', bad: info({ tcbLevels: [] }), check: 'tcbLevel', code: 'TCB_LEVEL' },
  {
    name: 'the quoting enclave is of another signer',
    bad: identity({ mrsigner: toHex(new Uint8Array(32).fill(7)) }),
    check: 'quotingEnclave',
    code: 'IDENTITY',
  },
  { name: 'the quoting enclave is another product', bad: identity({ isvprodid: 3 }), check: 'quotingEnclave', code: 'IDENTITY' },
  {
    name: 'the quoting enclave has other attributes',
    twin: identity({ attributesMask: `FBFFFFFFFFFFFFFF${'00'.repeat(8)}` }),
    bad: identity({ attributesMask: 'FF'.repeat(16) }),
    check: 'quotingEnclave',
    code: 'ATTRIBUTES',
  },
  {
    name: 'the quoting enclave has another MISCSELECT',
    bad: identity({ miscselect: '00000001' }),
    check: 'quotingEnclave',
    code: 'ATTRIBUTES',
  },
];
