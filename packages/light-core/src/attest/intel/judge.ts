/** Third part: what Intel judges of the platform's versions, and what the policy asks of the rest. */
import { toHex } from '@perigee/wire';
import type { CheckList } from '../check.ts';
import { depends, refuse } from '../code.ts';
import type { Authentic } from './authentic.ts';
import type { IntelCheckName } from './checks.ts';
import { checkReportData, checkTdMeasurements } from './measurements.ts';
import type { IntelPolicy } from './policy.ts';
import { matchQe } from './qe-identity.ts';
import type { Quote } from './quote.ts';
import { checkEnclave, checkEnclaveMeasurements } from './sgx/index.ts';
import type { SvnLevel } from './tcb-info.ts';
import { moduleLevelOf, platformLevelOf } from './tcb-level.ts';
import { checkVerdict, type TcbVerdict, verdictOf } from './tcb-verdict.ts';
import { checkTd } from './td-policy.ts';

/** @param time milliseconds since 1970 @returns what Intel judges of all parts; `undefined` if one has no judgement, or the policy does not take it */
export async function judgePlatform(
  { body, qeReport }: Quote,
  { pck, tcbInfo, qeIdentity }: Authentic,
  checks: CheckList<IntelCheckName>,
  policy: IntelPolicy,
  time: number,
): Promise<TcbVerdict | undefined> {
  const td = body.platform === 'intel-tdx' ? body.td : undefined;
  const matched = await checks.run('platformIdentity', () => {
    if (pck === undefined || tcbInfo === undefined) throw depends('pckChain', 'tcbInfo');
    const [have, due] = [pck.platform, tcbInfo].map(({ fmspc, pceId }) => `FMSPC ${toHex(fmspc)} and PCE-ID ${toHex(pceId)}`);
    if (have !== due) throw refuse('IDENTITY', `the platform has ${have}, and the TCB information is of ${due}`);
    return { value: { info: tcbInfo, platform: pck.platform }, reason: `the TCB information is of this platform, ${have}` };
  });
  const qe = await checks.run('quotingEnclave', () => {
    if (qeIdentity === undefined) throw depends('qeIdentity');
    const level = matchQe(qeReport, qeIdentity);
    return { value: level, reason: `the quoting enclave is Intel's, version ${qeReport.isvSvn}: ${level.status}` };
  });
  const platform = await checks.run('tcbLevel', () => {
    if (matched === undefined) throw depends('platformIdentity');
    const level = platformLevelOf(matched.info, matched.platform, td);
    return { value: level, reason: `the firmware of the platform is known: ${level.status}` };
  });
  let module: readonly SvnLevel[] | undefined = [];
  if (td !== undefined) {
    module = await checks.run('tdxModule', () => {
      if (matched === undefined) throw depends('platformIdentity');
      return { value: moduleLevelOf(matched.info, td), reason: "the TDX module is Intel's" };
    });
  }
  return checks.run('tcbStatus', () => {
    if (qe === undefined || platform === undefined || module === undefined)
      throw depends('quotingEnclave', 'tcbLevel', 'tdxModule');
    const verdict = verdictOf([platform, qe, ...module]);
    checkVerdict(verdict, policy, time);
    return { value: verdict, reason: ['Intel judges all parts together', verdict.status, ...verdict.advisories].join(' ') };
  });
}

/** What the code is, and whether it is closed to its host. */
export async function judgeCode({ body }: Quote, checks: CheckList<IntelCheckName>, policy: IntelPolicy): Promise<void> {
  const { reportData } = body.platform === 'intel-tdx' ? body.td : body.enclave;
  if (body.platform === 'intel-tdx') {
    await checks.run('trustDomain', () => checkTd(body.td, policy));
    await checks.run('measurements', () => checkTdMeasurements(body.td, policy));
  } else {
    await checks.run('enclave', () => checkEnclave(body.enclave));
    await checks.run('measurements', () => checkEnclaveMeasurements(body.enclave, policy));
  }
  await checks.run('reportData', () => checkReportData(reportData, policy));
}
