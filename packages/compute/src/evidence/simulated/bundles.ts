import type { BundleOf } from '@perigee/light-core/attest/bundle';
import { toHex, utf8 } from '@perigee/wire';
import type { AmdPki } from './amd/pki.ts';
import type { IntelPki } from './intel/pki.ts';

/** What the simulated Intel says of the platform, as peers hand it on. */
export function intelBundle(tee: 'tdx' | 'sgx', { platform, services }: IntelPki): BundleOf<'intel'> {
  return {
    subject: { vendor: 'intel', tee, fmspc: toHex(platform.fmspc), ca: 'platform' },
    parts: {
      pckCrl: services.pckCrl,
      pckCrlChain: utf8(services.pckCrlIssuerChain),
      qeIdentity: utf8(services.qeIdentity.body),
      qeIdentityChain: utf8(services.qeIdentity.issuerChain),
      rootCrl: services.rootCrl,
      tcbInfo: utf8(services.tcbInfo.body),
      tcbInfoChain: utf8(services.tcbInfo.issuerChain),
    },
  };
}

/** The same of the simulated AMD. */
export function amdBundle({ product, ark, ask, crl }: AmdPki): BundleOf<'amd'> {
  return { subject: { vendor: 'amd', product, key: 'vcek' }, parts: { ark, ask, crl } };
}
