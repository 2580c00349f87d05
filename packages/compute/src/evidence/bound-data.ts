import { equal, PerigeeError } from '@perigee/wire';
import { REPORT_DATA_BYTES, type SourcePlatform } from './source.ts';

/**
 * Where report data lies, by platform and the version in front. A document of Nitro has no fixed place.
 *
 * @returns `undefined` where a form is not known: whoever verifies will say so
 */
function offsetOf(platform: SourcePlatform, bytes: Uint8Array): number | undefined {
  const version = (bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8);
  if (platform === 'intel-tdx') return version === 4 ? 48 + 520 : version === 5 ? 54 + 520 : undefined;
  if (platform === 'intel-sgx') return version === 3 ? 48 + 320 : undefined;
  return platform === 'amd-sev-snp' ? 0x50 : undefined;
}

/**
 * Sees that evidence is the one that was asked for: an agent that hands out an older one would have us publish what proves nothing.
 *
 * @throws REFUSED, PARSE
 */
export function checkBound(platform: SourcePlatform, bytes: Uint8Array, reportData: Uint8Array): void {
  const offset = offsetOf(platform, bytes);
  if (offset === undefined || bytes.length < offset + REPORT_DATA_BYTES) {
    throw new PerigeeError('PARSE', `${bytes.length} bytes are no ${platform} evidence of a version that is known`);
  }
  if (equal(bytes.subarray(offset, offset + REPORT_DATA_BYTES), reportData)) return;
  throw new PerigeeError(
    'REFUSED',
    `the ${platform} evidence that came binds other report data than was asked for; it is not ours`,
  );
}
