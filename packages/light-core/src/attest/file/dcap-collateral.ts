/** Collateral as tools around Intel's DCAP keep it: one JSON object with members in snake case, revocation lists in hexadecimal, JSON in text. */
import { fromHex, PerigeeError, utf8 } from '@perigee/wire';
import type { IntelCollateral } from '../collateral.ts';

type Members = Readonly<Record<string, unknown>>;

export function isDcapCollateral(value: Members): boolean {
  return 'tcb_info' in value && 'qe_identity' in value;
}

/** @throws PARSE */
export function readDcapCollateral(value: Members): IntelCollateral {
  const text = (name: string): string => {
    const member = value[name];
    if (typeof member === 'string') return member;
    throw new PerigeeError('PARSE', `"${name}" of the collateral is missing, or no text`);
  };
  // Intel signs the exact text of the inner object, which is kept as it is
  const signed = (member: string, name: string): Uint8Array =>
    utf8(`{"${name}":${text(member)},"signature":"${text(`${member}_signature`)}"}`);
  return {
    tcbInfo: signed('tcb_info', 'tcbInfo'),
    tcbInfoChain: utf8(text('tcb_info_issuer_chain')),
    qeIdentity: signed('qe_identity', 'enclaveIdentity'),
    qeIdentityChain: utf8(text('qe_identity_issuer_chain')),
    rootCrl: fromHex(text('root_ca_crl')),
    pckCrl: fromHex(text('pck_crl')),
  };
}
