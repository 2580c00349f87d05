import type { BundleOf } from '@perigee/light-core/attest/bundle';
import { fromUtf8, PerigeeError } from '@perigee/wire';
import type { VendorOptions } from './intel-service.ts';
import { certificatesIn } from './pem-text.ts';
import { vendorGet } from './vendor-get.ts';

/** AMD's Key Distribution Service (AMD 57230). It answers few questions a minute. */
const AMD = 'https://kdsintf.amd.com';

/** All that AMD says of a line of processors. @throws what `vendorGet` throws; PARSE */
export async function askAmd(
  subject: BundleOf<'amd'>['subject'],
  { fetch, signal, baseUrl = AMD }: VendorOptions,
): Promise<BundleOf<'amd'>> {
  const line = `${baseUrl.replace(/\/+$/, '')}/${subject.key}/v1/${subject.product}`;
  // one after the other, for its sake
  const chain = await vendorGet(fetch, `${line}/cert_chain`, signal);
  const crl = await vendorGet(fetch, `${line}/crl`, signal);
  const [ask, ark, ...more] = certificatesIn(fromUtf8(chain.bytes));
  if (ask === undefined || ark === undefined || more.length > 0) {
    throw new PerigeeError('PARSE', `${line}/cert_chain does not hold two certificates`);
  }
  return { subject, parts: { ask, ark, crl: crl.bytes } };
}
