import { sha256 } from '@noble/hashes/sha2.js';
import {
  COLLATERAL_MAGIC,
  COLLATERAL_VERSION,
  CollateralBundle,
  concat,
  equal,
  MAX_COLLATERAL_BUNDLE_BYTES,
  PerigeeError,
} from '@perigee/wire';
import type { Collateral } from '../collateral.ts';
import { type CollateralSubject, parseSubject, subjectText } from './subject.ts';

/** The parts of each vendor's bundle, ascending: all of them, or it is none. */
const PARTS = {
  intel: ['pckCrl', 'pckCrlChain', 'qeIdentity', 'qeIdentityChain', 'rootCrl', 'tcbInfo', 'tcbInfoChain'],
  amd: ['ark', 'ask', 'crl'],
} as const;

type PartNames = { readonly [vendor in keyof typeof PARTS]: (typeof PARTS)[vendor][number] };

/** A bundle that was read. Nothing of it was verified. */
export type Bundle = BundleOf<'intel'> | BundleOf<'amd'>;

export interface BundleOf<Vendor extends keyof PartNames> {
  readonly subject: Extract<CollateralSubject, { vendor: Vendor }>;
  readonly parts: Readonly<Record<PartNames[Vendor], Uint8Array>>;
}

export function isIntelBundle(bundle: Bundle): bundle is BundleOf<'intel'> {
  return bundle.subject.vendor === 'intel';
}

const CHECKSUM_BYTES = 32;
const HEAD_BYTES = COLLATERAL_MAGIC.length + CHECKSUM_BYTES;

/**
 * A file of collateral: `PGCO`, SHA-256 of what follows, canonical `CollateralBundle`. The same collateral gives the same file. The checksum tells a
 * damaged file from a false one; it vouches for nothing.
 *
 * @throws INVALID_ARGUMENT when parts are missing; FRAME_TOO_LARGE
 */
export function encodeBundle({ subject, parts }: Bundle): Uint8Array {
  const found: Readonly<Record<string, Uint8Array>> = parts;
  const body = CollateralBundle.encode({
    version: COLLATERAL_VERSION,
    subject: subjectText(subject),
    parts: PARTS[subject.vendor].map((name) => {
      const bytes = found[name];
      if (bytes === undefined) throw new PerigeeError('INVALID_ARGUMENT', `collateral of ${subjectText(subject)} lacks ${name}`);
      return { name, bytes };
    }),
  });
  const file = concat(COLLATERAL_MAGIC, sha256(body), body);
  checkSize(file);
  return file;
}

/**
 * Reads a file of collateral.
 *
 * @throws PARSE when it is not such a file, or damaged, or has not exactly the parts of its vendor; UNKNOWN_VERSION, NOT_CANONICAL, FRAME_TOO_LARGE,
 *   INVALID_ARGUMENT (its subject)
 */
export function decodeBundle(file: Uint8Array): Bundle {
  checkSize(file);
  if (file.length < HEAD_BYTES || !equal(file.subarray(0, COLLATERAL_MAGIC.length), COLLATERAL_MAGIC)) {
    throw new PerigeeError('PARSE', `${file.length} bytes that do not begin with "PGCO" are no file of collateral`);
  }
  const body = file.subarray(HEAD_BYTES);
  if (!equal(sha256(body), file.subarray(COLLATERAL_MAGIC.length, HEAD_BYTES))) {
    throw new PerigeeError('PARSE', 'the file of collateral is damaged: its checksum does not fit; get it again');
  }
  const bundle = CollateralBundle.decodeCanonical(body);
  if (bundle.version !== COLLATERAL_VERSION) {
    const words = `collateral has version ${bundle.version}; only ${COLLATERAL_VERSION} is known`;
    throw new PerigeeError('UNKNOWN_VERSION', words);
  }
  const subject = parseSubject(bundle.subject);
  const names: readonly string[] = PARTS[subject.vendor];
  if (bundle.parts.length !== names.length || !bundle.parts.every(({ name }, i) => name === names[i])) {
    throw new PerigeeError('PARSE', `collateral of ${bundle.subject} does not have the parts ${names.join(', ')}`);
  }
  const parts = Object.fromEntries(bundle.parts.map(({ name, bytes }) => [name, bytes]));
  return { subject, parts } as Bundle;
}

/** As a verifier of evidence takes it. */
export function collateralOf(bundle: Bundle): Collateral {
  if (!isIntelBundle(bundle)) return { amd: (bundle as BundleOf<'amd'>).parts };
  const { pckCrlChain: _, ...intel } = bundle.parts;
  return { intel };
}

function checkSize(file: Uint8Array): void {
  if (file.length <= MAX_COLLATERAL_BUNDLE_BYTES) return;
  const words = `a file of collateral has ${file.length} bytes; at most ${MAX_COLLATERAL_BUNDLE_BYTES} are read`;
  throw new PerigeeError('FRAME_TOO_LARGE', words);
}
