/** First part: what of the collateral, and of the quote's own chain, is authentic and current. */
import { toHex } from '@perigee/wire';
import type { CheckList } from '../check.ts';
import { depends, refuse } from '../code.ts';
import type { Seen } from '../collateral.ts';
import type { Context } from '../context.ts';
import { type Crl, checkNotRevoked, verifyCrl } from '../crl.ts';
import type { EcKey } from '../crypto.ts';
import { checkFloors } from '../floors.ts';
import { commonNameOf } from '../name.ts';
import { checkPeriod, dateOf } from '../time.ts';
import type { Certificate } from '../x509.ts';
import { verifyIntelChain } from './chain.ts';
import type { IntelCheckName } from './checks.ts';
import { type PckPlatform, pckPlatformOf } from './pck.ts';
import type { IntelPolicy } from './policy.ts';
import { type QeIdentity, readQeIdentity } from './qe-identity.ts';
import type { Quote } from './quote.ts';
import { crlNumbers, evaluations } from './seen.ts';
import { verifySignedJson } from './signed-json.ts';
import { readTcbInfo, type TcbInfo } from './tcb-info.ts';

/** A processor that a verified chain names. */
export interface Pck {
  readonly key: EcKey;
  readonly certificate: Certificate;
  readonly issuer: Certificate;
  readonly root: Certificate;
  readonly platform: PckPlatform;
}

/** What was verified; the rest is `undefined`, and its check says why. */
export interface Authentic {
  readonly pck: Pck | undefined;
  readonly tcbInfo: TcbInfo | undefined;
  readonly qeIdentity: QeIdentity | undefined;
  readonly seen: Seen;
}

const PCK_NAME = 'Intel SGX PCK Certificate';
export const PCK_ISSUER_NAMES = ['Intel SGX PCK Platform CA', 'Intel SGX PCK Processor CA'];
const PCK_CHAIN_LENGTH = 3;

export async function authenticate(
  { pckChain, body }: Quote,
  checks: CheckList<IntelCheckName>,
  context: Context<IntelPolicy>,
): Promise<Authentic> {
  const {
    collateral: { intel = {} },
    time,
    policy = {},
    floors,
  } = context;
  const primitives = context.crypto;
  const isTdx = body.platform === 'intel-tdx';

  const pck = await checks.run('pckChain', async () => {
    const value = await verifyPck(pckChain, context);
    return { value, reason: `the processor of platform ${toHex(value.platform.fmspc)} is one of Intel's` };
  });
  const rootCrl = await checks.run('rootCrl', async () => {
    if (pck === undefined) throw depends('pckChain');
    return listed(await verifyCrl(intel.rootCrl, pck.root, primitives, time));
  });

  const [pckCrl, tcbInfo, qeIdentity] = await Promise.all([
    checks.run('pckCrl', async () => {
      if (pck === undefined) throw depends('pckChain');
      return listed(await verifyCrl(intel.pckCrl, pck.issuer, primitives, time));
    }),
    checks.run('tcbInfo', async () => {
      const json = await verifySignedJson(intel.tcbInfo, intel.tcbInfoChain, 'tcbInfo', rootCrl, context);
      return current(readTcbInfo(json, isTdx ? 'TDX' : 'SGX'), time);
    }),
    checks.run('qeIdentity', async () => {
      const json = await verifySignedJson(intel.qeIdentity, intel.qeIdentityChain, 'enclaveIdentity', rootCrl, context);
      return current(readQeIdentity(json, isTdx ? 'TD_QE' : 'QE'), time);
    }),
  ]);

  await checks.run('revocation', () => {
    if (pck === undefined || rootCrl === undefined || pckCrl === undefined) throw depends('pckChain', 'rootCrl', 'pckCrl');
    checkNotRevoked(rootCrl, pck.issuer);
    checkNotRevoked(pckCrl, pck.certificate);
    return 'neither the PCK certificate nor its CA is revoked';
  });

  const seen: Seen = {
    ...(rootCrl === undefined || pck === undefined ? {} : crlNumbers(pck.root, rootCrl)),
    ...(pckCrl === undefined || pck === undefined ? {} : crlNumbers(pck.issuer, pckCrl)),
    ...evaluations(isTdx ? 'tdx' : 'sgx', { tcbInfo, qeIdentity }),
  };
  await checks.run('rollback', () => {
    checkFloors(seen, floors);
    if (rootCrl === undefined || pckCrl === undefined || tcbInfo === undefined || qeIdentity === undefined) {
      throw depends('rootCrl', 'pckCrl', 'tcbInfo', 'qeIdentity');
    }
    const lowest = Math.min(tcbInfo.evaluation, qeIdentity.evaluation);
    if (!(lowest >= (policy.minTcbEvaluation ?? 0))) {
      throw refuse('ROLLBACK', `collateral is of TCB evaluation ${lowest}, and ${policy.minTcbEvaluation} is due`);
    }
    return `all collateral is as new as what was seen before; its TCB evaluation is ${lowest}`;
  });
  return { pck, tcbInfo, qeIdentity, seen };
}

async function verifyPck(pem: Uint8Array, context: Context<IntelPolicy>): Promise<Pck> {
  const [certificate, issuer, root] = await verifyIntelChain(pem, PCK_CHAIN_LENGTH, context);
  if (commonNameOf(certificate.subject) !== PCK_NAME || !PCK_ISSUER_NAMES.includes(commonNameOf(issuer.subject))) {
    throw refuse('CHAIN_NAME', 'the chain is not one of a PCK certificate and its CA');
  }
  if (certificate.key.type !== 'P-256' || root === undefined)
    throw refuse('KEY', `the PCK key is one of ${certificate.key.type}`);
  return { key: certificate.key, certificate, issuer, root, platform: pckPlatformOf(certificate) };
}

function listed(crl: Crl) {
  const reason = `the list is authentic, names ${crl.revoked.size} certificates and is current until ${dateOf(crl.nextUpdate)}`;
  return { value: crl, reason };
}

function current<T extends { issueDate: number; nextUpdate: number; evaluation: number }>(value: T, time: number) {
  checkPeriod(value.issueDate, value.nextUpdate, time, 'it');
  const reason = `it is authentic, of TCB evaluation ${value.evaluation} and current until ${dateOf(value.nextUpdate)}`;
  return { value, reason };
}
