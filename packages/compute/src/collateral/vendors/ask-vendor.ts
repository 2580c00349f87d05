import { encodeBundle, parseSubject } from '@perigee/light-core/attest/bundle';
import { askAmd } from './amd-service.ts';
import { askIntel, type VendorOptions } from './intel-service.ts';

/**
 * A file of collateral, made of what a vendor's service says now. Nothing of it is verified.
 *
 * @param subject such as `intel/tdx/b0c06f000000/platform`
 * @throws INVALID_ARGUMENT; UNREACHABLE, TIMEOUT, ABORTED, NOT_FOUND, BUSY, REFUSED, FRAME_TOO_LARGE, PARSE
 */
export async function askVendor(subject: string, options: VendorOptions): Promise<Uint8Array> {
  const parsed = parseSubject(subject);
  return encodeBundle(parsed.vendor === 'intel' ? await askIntel(parsed, options) : await askAmd(parsed, options));
}
