import { MAX_COLLATERAL_SUBJECT_CHARACTERS, PerigeeError } from '@perigee/wire';

/** What a bundle is about: collateral of this kind of platform judges all machines of it. */
export type CollateralSubject =
  | { readonly vendor: 'intel'; readonly tee: 'tdx' | 'sgx'; readonly fmspc: string; readonly ca: 'platform' | 'processor' }
  | { readonly vendor: 'amd'; readonly product: 'Milan' | 'Genoa' | 'Turin'; readonly key: 'vcek' | 'vlek' };

const INTEL = /^intel\/(tdx|sgx)\/([0-9a-f]{12})\/(platform|processor)$/;
const AMD = /^amd\/(Milan|Genoa|Turin)\/(vcek|vlek)$/;

/**
 * Reads the one form of a subject: `intel/tdx/b0c06f000000/platform`, `amd/Milan/vcek`.
 *
 * @throws INVALID_ARGUMENT
 */
export function parseSubject(text: string): CollateralSubject {
  if (text.length <= MAX_COLLATERAL_SUBJECT_CHARACTERS) {
    const [, tee, fmspc, ca] = INTEL.exec(text) ?? [];
    if (fmspc !== undefined) return { vendor: 'intel', tee: tee as 'tdx' | 'sgx', fmspc, ca: ca as 'platform' | 'processor' };
    const [, product, key] = AMD.exec(text) ?? [];
    if (product !== undefined) return { vendor: 'amd', product: product as 'Milan', key: key as 'vcek' | 'vlek' };
  }
  throw new PerigeeError(
    'INVALID_ARGUMENT',
    `"${text.slice(0, 80)}" is no subject of collateral; such are intel/tdx/<FMSPC>/platform, intel/sgx/<FMSPC>/processor, amd/Milan/vcek`,
  );
}

export function subjectText(subject: CollateralSubject): string {
  return subject.vendor === 'intel'
    ? `intel/${subject.tee}/${subject.fmspc}/${subject.ca}`
    : `amd/${subject.product}/${subject.key}`;
}
