import { parseSubject, type VerifiedBundle } from '@perigee/light-core/attest/bundle';
import { PerigeeError } from '@perigee/wire';
import type { CollateralFolder } from '../collateral-folder.ts';
import { askVendor } from './ask-vendor.ts';
import type { VendorOptions } from './intel-service.ts';

/**
 * Keeps what a vendor's service says now. Where an evaluation was seen that Intel publishes early, the current one is below the floor; Intel gives out the
 * early one to whoever asks, so the floor never shuts out all that there is.
 *
 * @throws what `askVendor` and `CollateralFolder.keep` throw
 */
export async function importCollateral(
  folder: CollateralFolder,
  subject: string,
  options: Omit<VendorOptions, 'isEarly'>,
): Promise<VerifiedBundle> {
  try {
    return await folder.keep(subject, await askVendor(subject, options));
  } catch (error) {
    const isBelowFloor = PerigeeError.from(error).data?.check === 'ROLLBACK';
    if (!isBelowFloor || parseSubject(subject).vendor !== 'intel') throw error;
  }
  return folder.keep(subject, await askVendor(subject, { ...options, isEarly: true }));
}
