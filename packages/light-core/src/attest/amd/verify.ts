import { toHex } from '@perigee/wire';
import { verifyChain } from '../chain.ts';
import { CheckList, type CheckNames } from '../check.ts';
import { refuse, unchecked } from '../code.ts';
import type { AmdCollateral } from '../collateral.ts';
import type { Context, VerifyPlatform } from '../context.ts';
import { hardwareStatus } from '../hardware.ts';
import { oneOf } from '../one-of.ts';
import { rootsFor } from '../pinned.ts';
import type { Field } from '../report.ts';
import { checkRevocation } from '../revocation.ts';
import { RSA } from '../rsa.ts';
import { type Certificate, readCertificate } from '../x509.ts';
import { readExtendedReport, type SnpTable } from './certificate-table.ts';
import { crlName } from './crl-name.ts';
import { type Endorsement, readEndorsement } from './endorsement.ts';
import * as judge from './judge.ts';
import type { SnpPolicy } from './policy.ts';
import { readSnpReport, type SnpReport } from './report.ts';
import { SNP_ROOTS } from './roots.ts';

/** Checks of an AMD SEV-SNP report. The last four are made only where the policy asks for them. */
const SNP_CHECKS = {
  report: 'hardware',
  chain: 'hardware',
  revocation: 'hardware',
  product: 'hardware',
  signature: 'hardware',
  tcbBinding: 'hardware',
  chip: 'hardware',
  tcbOrder: 'hardware',
  tcbFloor: 'hardware',
  guestPolicy: 'hardware',
  vmpl: 'code',
  measurement: 'code',
  reportData: 'code',
  hostData: 'code',
  idKey: 'code',
  authorKey: 'code',
  guestSvn: 'code',
} as const satisfies CheckNames<string>;

export type SnpCheck = keyof typeof SNP_CHECKS;

/** What an AMD SEV-SNP report says. */
export interface SnpClaims extends SnpReport {
  readonly platform: 'amd-sev-snp';
  readonly product: Endorsement['product'];
  readonly tcbs: judge.SnpTcbs;
  /** Whose VLEK signed. */
  readonly cloud: string | undefined;
}

/** Verifies an AMD SEV-SNP report of version 2 to 5, alone or with its table of certificates behind it. */
export const verifySnp: VerifyPlatform<SnpPolicy, SnpClaims> = async (bytes, context) => {
  const policy = context.policy ?? {};
  const checks = new CheckList<SnpCheck>(namesFor(policy), optionalIn(policy));
  const seen: Record<string, number> = {};
  const evidence = await checks.run('report', () => {
    const { report, table } = readExtendedReport(bytes);
    const value = { report: readSnpReport(report), table };
    return { value, reason: `The bytes are a report of version ${value.report.version}.` };
  });
  const report = evidence?.report;
  const chain = evidence && (await checks.run('chain', () => verifyEndorsement(evidence, context)));
  const endorsement = chain?.endorsement;
  if (chain !== undefined) {
    await checks.run('revocation', async () => {
      const name = crlName(chain.endorsement.product, chain.kind);
      const what = `ARK-${chain.endorsement.product}`;
      const list = context.collateral.amd?.crl;
      const value = await checkRevocation({ list, issuer: chain.ark, subject: chain.ask, name, what, rsa: RSA }, context);
      seen[name] = value;
      return { value, reason: `List ${value} of ${what} does not revoke the issuer of the key.` };
    });
  }
  if (report === undefined || endorsement === undefined || chain === undefined) {
    return {
      platform: 'amd-sev-snp',
      hardware: 'untested on hardware',
      checks: checks.all(),
      fields: fieldsOf(report),
      claims: undefined,
      seen,
    };
  }
  const say = (name: SnpCheck, look: () => string) => checks.run(name, () => ({ value: true, reason: look() }));
  await say('product', () => judge.judgeProduct(report, endorsement, policy));
  await checks.run('signature', () => checkReportSignature(report, chain.leaf, context));
  const tcbs = await checks.run('tcbBinding', () => {
    const value = judge.tcbsOf(report, endorsement);
    return { value, reason: judge.judgeTcb(endorsement, value) };
  });
  await say('chip', () => judge.judgeChip(report, endorsement, policy));
  if (tcbs !== undefined) {
    await say('tcbOrder', () => judge.judgeOrder(report, tcbs, policy));
    await say('tcbFloor', () => judge.judgeFloor(endorsement, tcbs, policy));
  }
  await say('guestPolicy', () => judge.judgeGuestPolicy(report, policy));
  await say('vmpl', () => judge.judgeVmpl(report, policy));
  await say('measurement', () => oneOf(report.measurement, policy.measurements, 'MEASUREMENT', 'launch measurement'));
  await say('reportData', () => oneOf(report.reportData, listed(policy.reportData), 'REPORT_DATA', 'report data'));
  if (policy.hostData !== undefined) await say('hostData', () => oneOf(report.hostData, policy.hostData, 'POLICY', 'host data'));
  if (policy.idKeyDigests !== undefined) {
    await say('idKey', () => oneOf(report.idKeyDigest, policy.idKeyDigests, 'IDENTITY', 'digest of the identity key'));
  }
  if (policy.authorKeyDigests !== undefined) {
    await say('authorKey', () => {
      if (!report.authorKeyEnabled) throw refuse('IDENTITY', 'The guest was launched without an author key.');
      return oneOf(report.authorKeyDigest, policy.authorKeyDigests, 'IDENTITY', 'digest of the author key');
    });
  }
  const { minGuestSvn } = policy;
  if (minGuestSvn !== undefined) await say('guestSvn', () => judge.judgeGuestSvn(report, minGuestSvn));
  const { product, cloud } = endorsement;
  return {
    platform: 'amd-sev-snp',
    hardware: hardwareStatus('amd-sev-snp', cloud === undefined ? product : 'VLEK'),
    checks: checks.all(),
    fields: fieldsOf(report),
    claims: tcbs === undefined ? undefined : { platform: 'amd-sev-snp', ...report, product, tcbs, cloud },
    seen,
  };
};

function namesFor(policy: SnpPolicy): CheckNames<SnpCheck> {
  const { hostData, idKeyDigests, authorKeyDigests, minGuestSvn } = policy;
  const asked = { hostData, idKey: idKeyDigests, authorKey: authorKeyDigests, guestSvn: minGuestSvn } as Record<string, unknown>;
  return Object.fromEntries(Object.entries(SNP_CHECKS).filter(([name]) => !(name in asked) || asked[name] !== undefined));
}

function optionalIn({ minTcb, measurements, reportData }: SnpPolicy): readonly SnpCheck[] {
  return [
    ...(minTcb === undefined ? (['tcbFloor'] as const) : []),
    ...(measurements === undefined ? (['measurement'] as const) : []),
    ...(reportData === undefined ? (['reportData'] as const) : []),
  ];
}

function listed(one: string | undefined): readonly string[] | undefined {
  return one === undefined ? undefined : [one];
}

interface EndorsementChain {
  readonly kind: 'vcek' | 'vlek';
  readonly leaf: Certificate;
  readonly ask: Certificate;
  readonly ark: Certificate;
  readonly endorsement: Endorsement;
}

/** The key that signed, up to AMD's root for the line of processors that the key's own certificate names. */
async function verifyEndorsement(
  { report, table }: { readonly report: SnpReport; readonly table: SnpTable },
  { collateral, crypto: primitives, time, roots }: Context<SnpPolicy>,
): Promise<{ readonly value: EndorsementChain; readonly reason: string }> {
  const given: AmdCollateral = collateral.amd ?? {};
  const kind = report.signingKey;
  const leaf = table[kind] ?? given.vcek;
  const [ask, ark] = [table.ask ?? given.ask, table.ark ?? given.ark];
  if (leaf === undefined || ask === undefined || ark === undefined) {
    throw unchecked('COLLATERAL_MISSING', `The certificates of ${kind.toUpperCase()}, ASK and ARK are not all there.`);
  }
  const endorsement = readEndorsement(readCertificate(leaf, { rsa: RSA }), kind);
  const accepted = await rootsFor(roots, 'amd', [SNP_ROOTS[endorsement.product]], ark, primitives);
  const what = kind.toUpperCase();
  const chain = await verifyChain([leaf, ask, ark], { crypto: primitives, time, roots: accepted, what, length: 3, rsa: RSA });
  const [first, second, third] = chain as unknown as [Certificate, Certificate, Certificate];
  return {
    value: { kind, leaf: first, ask: second, ark: third, endorsement },
    reason: `The ${what} is endorsed by AMD's root for ${endorsement.product}.`,
  };
}

async function checkReportSignature(report: SnpReport, { key }: Certificate, { crypto: primitives }: Context<SnpPolicy>) {
  if (key.type !== 'P-384') throw refuse('KEY', `The endorsed key is one of ${key.type}, not of P-384.`);
  if (!(await primitives.verifyEcdsa(key, report.signed, report.signature)))
    throw refuse('SIGNATURE', 'The signature of the report is wrong.');
  return { value: true, reason: `The ${report.signingKey.toUpperCase()} signed the report.` };
}

function fieldsOf(report: SnpReport | undefined): readonly Field[] {
  if (report === undefined) return [];
  const { cpu, mitigations, currentFirmware, committedFirmware, signed: _, ...rest } = report;
  const fields = Object.entries(rest).map(([name, value]) => ({
    name,
    value: value instanceof Uint8Array ? toHex(value) : words(value),
  }));
  const firmware = ({ major, minor, build }: typeof currentFirmware) => `${major}.${minor}.${build}`;
  return [
    ...fields,
    { name: 'currentFirmware', value: firmware(currentFirmware) },
    { name: 'committedFirmware', value: firmware(committedFirmware) },
    ...(cpu === undefined ? [] : [{ name: 'cpu', value: `family ${cpu.family}, model ${cpu.model}, stepping ${cpu.stepping}` }]),
    ...(mitigations === undefined
      ? []
      : [{ name: 'mitigations', value: `launch ${words(mitigations.launch)}, current ${words(mitigations.current)}` }]),
  ];
}

function words(value: string | number | boolean | bigint): string {
  return typeof value === 'bigint' ? `0x${value.toString(16)}` : String(value);
}
