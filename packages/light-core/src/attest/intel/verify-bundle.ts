import { toHex } from '@perigee/wire';
import type { BundleOf } from '../bundle/index.ts';
import { refuse } from '../code.ts';
import type { Context } from '../context.ts';
import { verifyCrl } from '../crl.ts';
import { readRoot, verifyIssuer } from '../issuer.ts';
import { commonNameOf } from '../name.ts';
import { type Found, inPart } from '../part.ts';
import { readPem } from '../pem.ts';
import { rootsFor } from '../pinned.ts';
import { checkPeriod } from '../time.ts';
import { PCK_ISSUER_NAMES } from './authentic.ts';
import { readQeIdentity } from './qe-identity.ts';
import { INTEL_ROOTS } from './root.ts';
import { crlNumbers, evaluations } from './seen.ts';
import { verifySignedJson } from './signed-json.ts';
import { readTcbInfo } from './tcb-info.ts';

/** Each part up to Intel's root, of the platform that the bundle says, and current. @throws ATTESTATION */
export async function verifyIntelBundle({ subject, parts }: BundleOf<'intel'>, context: Context<unknown>): Promise<Found> {
  const { crypto: primitives, time, roots } = context;
  const isTdx = subject.tee === 'tdx';
  const [ca, last] = await inPart('pckCrlChain', () => {
    const chain = readPem(parts.pckCrlChain);
    if (chain.length !== 2) throw refuse('CHAIN_LENGTH', `the chain has ${chain.length} certificates, not 2`);
    return chain;
  });
  const pinned = await rootsFor(roots, 'intel', INTEL_ROOTS, last, primitives);
  const root = await inPart('pckCrlChain', () => readRoot(pinned, last, time));
  const rootCrl = await inPart('rootCrl', () => verifyCrl(parts.rootCrl, root, primitives, time));
  const issuer = await inPart('pckCrlChain', async () => {
    const verified = await verifyIssuer(ca ?? new Uint8Array(), { primitives, time, root, rootCrl });
    const name = commonNameOf(verified.subject);
    const due = PCK_ISSUER_NAMES[subject.ca === 'platform' ? 0 : 1];
    if (name !== due) throw refuse('CHAIN_NAME', `the issuer is named "${name.slice(0, 80)}", not "${due}"`);
    return verified;
  });
  const pckCrl = await inPart('pckCrl', () => verifyCrl(parts.pckCrl, issuer, primitives, time));
  const tcbInfo = await inPart('tcbInfo', async () => {
    const value = await verifySignedJson(parts.tcbInfo, parts.tcbInfoChain, 'tcbInfo', rootCrl, context);
    const info = readTcbInfo(value, isTdx ? 'TDX' : 'SGX');
    if (toHex(info.fmspc) !== subject.fmspc)
      throw refuse('IDENTITY', `it is of FMSPC ${toHex(info.fmspc)}, not ${subject.fmspc}`);
    checkPeriod(info.issueDate, info.nextUpdate, time, 'it');
    return info;
  });
  const qeIdentity = await inPart('qeIdentity', async () => {
    const value = await verifySignedJson(parts.qeIdentity, parts.qeIdentityChain, 'enclaveIdentity', rootCrl, context);
    const identity = readQeIdentity(value, isTdx ? 'TD_QE' : 'QE');
    checkPeriod(identity.issueDate, identity.nextUpdate, time, 'it');
    return identity;
  });
  return {
    seen: { ...crlNumbers(root, rootCrl), ...crlNumbers(issuer, pckCrl), ...evaluations(subject.tee, { tcbInfo, qeIdentity }) },
    rank: [Math.min(tcbInfo.evaluation, qeIdentity.evaluation), pckCrl.thisUpdate, rootCrl.thisUpdate, tcbInfo.issueDate],
    issued: Math.max(rootCrl.thisUpdate, pckCrl.thisUpdate, tcbInfo.issueDate, qeIdentity.issueDate),
    until: Math.min(rootCrl.nextUpdate, pckCrl.nextUpdate, tcbInfo.nextUpdate, qeIdentity.nextUpdate),
  };
}
