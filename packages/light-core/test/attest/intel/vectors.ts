/** Quotes that real processors made, in the vectors folder beside the repository; absent from a plain clone. */
import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fromHex, utf8 } from '@perigee/wire';
import type { IntelCollateral } from '../../../src/attest/index.ts';

const folder = process.env.PERIGEE_VECTORS ?? fileURLToPath(new URL('../../../../../../shared/vectors', import.meta.url));

export const hasVectors = existsSync(`${folder}/tee/intel`);

/** A file of `tee/intel/`. */
export function vector(name: string): Uint8Array {
  return Uint8Array.from(readFileSync(`${folder}/tee/intel/${name}`));
}

/** The bundle of dcap-qvl as it stands: text, and bytes in hexadecimal. */
export function dcapParts(): Readonly<Record<string, string>> {
  return JSON.parse(new TextDecoder().decode(vector('dcap-qvl.tdx_quote_collateral.json')));
}

/** The same as Intel's service answers: the bundle splits answers into body and signature. */
export function dcapCollateral(): Required<IntelCollateral> {
  const parts = dcapParts();
  const part = (name: string): string => parts[name] ?? '';
  return {
    tcbInfo: utf8(`{"tcbInfo":${part('tcb_info')},"signature":"${part('tcb_info_signature')}"}`),
    tcbInfoChain: utf8(part('tcb_info_issuer_chain')),
    qeIdentity: utf8(`{"enclaveIdentity":${part('qe_identity')},"signature":"${part('qe_identity_signature')}"}`),
    qeIdentityChain: utf8(part('qe_identity_issuer_chain')),
    rootCrl: fromHex(part('root_ca_crl')),
    pckCrl: fromHex(part('pck_crl')),
  };
}
