import type { BundleOf } from '@perigee/light-core/attest/bundle';
import { derOrHex, strictPem } from './pem-text.ts';
import { type VendorFetch, vendorGet } from './vendor-get.ts';

/** Intel's Provisioning Certification Service, version 4, and where its root puts its list. */
const INTEL = 'https://api.trustedservices.intel.com';
const INTEL_ROOT_CRL = 'https://certificates.trustedservices.intel.com/IntelSGXRootCA.der';
const ISSUER_CHAIN_LENGTH = 2;

export interface VendorOptions {
  readonly fetch: VendorFetch;
  readonly signal: AbortSignal;
  /** Of a mirror, such as `https://pccs.example`; the vendor's own service by default. */
  readonly baseUrl?: string | undefined;
  /** Intel: what it will hold of platforms when the time that it gives them is over (`update=early`), in place of what it holds now. */
  readonly isEarly?: boolean;
}

/** All that Intel says of a model of platform. @throws what `vendorGet` throws; PARSE */
export async function askIntel(
  subject: BundleOf<'intel'>['subject'],
  { fetch, signal, baseUrl = INTEL, isEarly = false }: VendorOptions,
): Promise<BundleOf<'intel'>> {
  const { tee, fmspc, ca } = subject;
  const base = baseUrl.replace(/\/+$/, '');
  const get = (path: string) => vendorGet(fetch, `${base}${path}`, signal);
  // a mirror has the root's list beside the rest
  const rootCrlUrl = base === INTEL ? INTEL_ROOT_CRL : `${base}/sgx/certification/v4/rootcacrl`;
  const [tcbInfo, qeIdentity, pckCrl, rootCrl] = await Promise.all([
    get(`/${tee}/certification/v4/tcb?fmspc=${fmspc.toUpperCase()}${isEarly ? '&update=early' : ''}`),
    get(`/${tee}/certification/v4/qe/identity${isEarly ? '?update=early' : ''}`),
    get(`/sgx/certification/v4/pckcrl?ca=${ca}&encoding=der`),
    vendorGet(fetch, rootCrlUrl, signal),
  ]);
  return {
    subject,
    parts: {
      tcbInfo: tcbInfo.bytes,
      tcbInfoChain: strictPem(tcbInfo.header('TCB-Info-Issuer-Chain'), ISSUER_CHAIN_LENGTH),
      qeIdentity: qeIdentity.bytes,
      qeIdentityChain: strictPem(qeIdentity.header('SGX-Enclave-Identity-Issuer-Chain'), ISSUER_CHAIN_LENGTH),
      pckCrl: derOrHex(pckCrl.bytes),
      pckCrlChain: strictPem(pckCrl.header('SGX-PCK-CRL-Issuer-Chain'), ISSUER_CHAIN_LENGTH),
      rootCrl: derOrHex(rootCrl.bytes),
    },
  };
}
