/** Third part: what Intel judges of the platform's versions, and what the policy asks of the rest. */
import { equal, toHex } from '@perigee/wire';
import type { CheckList } from '../check.ts';
import { refuse, unchecked } from '../code.ts';
import type { Authentic } from './authentic.ts';
import type { IntelCheckName } from './checks.ts';
import { checkEnclave } from './enclave-policy.ts';
import { checkEnclaveMeasurements, checkReportData, checkTdMeasurements } from './measurements.ts';
import type { IntelPolicy } from './policy.ts';
import { matchQe } from './qe-identity.ts';
import type { Quote } from './quote.ts';
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
  const td = body.kind === 'td' ? body.report : undefined;
  const matched = await checks.run('platformIdentity', () => {
    if (pck === undefined || tcbInfo === undefined)
      throw unchecked('DEPENDS', 'the PCK certificate or the TCB information is not verified');
    const { fmspc, pceId } = pck.platform;
    if (!equal(fmspc, tcbInfo.fmspc))
      throw refuse('IDENTITY', `the platform has FMSPC ${toHex(fmspc)}, and the TCB information is of ${toHex(tcbInfo.fmspc)}`);
    if (!equal(pceId, tcbInfo.pceId))
      throw refuse('IDENTITY', `the platform has PCE-ID ${toHex(pceId)}, and the TCB information is of ${toHex(tcbInfo.pceId)}`);
    return {
      value: { info: tcbInfo, platform: pck.platform },
      reason: `the TCB information is of this platform, FMSPC ${toHex(fmspc)}`,
    };
  });
  const qe = await checks.run('quotingEnclave', () => {
    if (qeIdentity === undefined) throw unchecked('DEPENDS', 'the identity that it must have is not verified');
    const value = matchQe(qeReport, qeIdentity);
    return { value, reason: `the quoting enclave is Intel's, version ${qeReport.isvSvn}: ${value.status}` };
  });
  const platform = await checks.run('tcbLevel', () => {
    if (matched === undefined) throw unchecked('DEPENDS', 'there is no TCB information of this platform');
    const value = platformLevelOf(matched.info, matched.platform, td);
    return { value, reason: `the firmware of the platform is known: ${value.status}` };
  });
  let module: { readonly level: SvnLevel | undefined } | undefined = { level: undefined };
  if (td !== undefined) {
    module = await checks.run('tdxModule', () => {
      if (matched === undefined) throw unchecked('DEPENDS', 'there is no TCB information of this platform');
      const level = moduleLevelOf(matched.info, td);
      return { value: { level }, reason: `the TDX module is Intel's${level === undefined ? '' : `: ${level.status}`}` };
    });
  }
  return checks.run('tcbStatus', () => {
    if (qe === undefined || platform === undefined || module === undefined)
      throw unchecked('DEPENDS', 'a part of the platform has no judgement');
    const value = verdictOf([platform, qe, ...(module.level === undefined ? [] : [module.level])]);
    checkVerdict(value, policy, time);
    const { status, advisories } = value;
    return {
      value,
      reason: `Intel judges all parts together ${status}${advisories.length === 0 ? '' : `, with ${advisories.join(', ')}`}`,
    };
  });
}

/** What the code is, and whether it is closed to its host. */
export async function judgeCode({ body }: Quote, checks: CheckList<IntelCheckName>, policy: IntelPolicy): Promise<void> {
  if (body.kind === 'td') {
    await checks.run('trustDomain', () => {
      checkTd(body.report, policy);
      return { value: undefined, reason: 'the trust domain is closed to its host' };
    });
    await checks.run('measurements', () => ({ value: undefined, reason: checkTdMeasurements(body.report, policy) }));
  } else {
    await checks.run('enclave', () => {
      checkEnclave(body.report);
      return { value: undefined, reason: 'the enclave is closed to its host' };
    });
    await checks.run('measurements', () => ({ value: undefined, reason: checkEnclaveMeasurements(body.report, policy) }));
  }
  await checks.run('reportData', () => ({ value: undefined, reason: checkReportData(body.report.reportData, policy) }));
}
