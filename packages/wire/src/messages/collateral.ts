/** Collateral on its way between peers, and in files: what hardware vendors have signed, so that anybody may bring it. */
import {
  MAX_COLLATERAL_BUNDLE_BYTES,
  MAX_COLLATERAL_BYTES,
  MAX_COLLATERAL_PARTS,
  MAX_COLLATERAL_SUBJECT_CHARACTERS,
} from '../limits-attest.ts';
import { bool, bytes, embedded, type Infer, message, optional, repeated, string, uint32 } from '../proto/index.ts';

export const COLLATERAL_VERSION = 1;

/** In front of a file of collateral. */
export const COLLATERAL_MAGIC = Uint8Array.of(0x50, 0x47, 0x43, 0x4f); // PGCO

const CollateralPart = message('CollateralPart', { name: [1, string(32)], bytes: [2, bytes(MAX_COLLATERAL_BYTES)] });

/** All that a vendor says of one kind of platform. Each part is signed by the vendor; the bundle is by nobody. */
export const CollateralBundle = message('CollateralBundle', {
  version: [1, uint32()],
  /** Whose, and of what: `intel/tdx/b0c06f000000`, `amd/milan`. */
  subject: [2, string(MAX_COLLATERAL_SUBJECT_CHARACTERS)],
  /** By name, ascending. */
  parts: [3, repeated(embedded(CollateralPart), MAX_COLLATERAL_PARTS)],
});
export type CollateralBundle = Infer<typeof CollateralBundle>;

export const CollateralRequest = message('CollateralRequest', {
  subject: [1, string(MAX_COLLATERAL_SUBJECT_CHARACTERS)],
  /** Of the vendors that a development chain makes up. */
  simulated: [2, bool()],
});
export type CollateralRequest = Infer<typeof CollateralRequest>;

/** The file; left out where the peer has none. */
export const CollateralAnswer = message('CollateralAnswer', { file: [1, optional(bytes(MAX_COLLATERAL_BUNDLE_BYTES))] });
export type CollateralAnswer = Infer<typeof CollateralAnswer>;
