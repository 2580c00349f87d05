import { fromBase64, PerigeeError, toBase64, utf8 } from '@perigee/wire';
import type { Collateral } from '../collateral.ts';
import type { EvidenceFile, GuestFiles } from './evidence-file.ts';

/** What the member `format` of a bundle says. */
export const BUNDLE_FORMAT = 'perigee-evidence';
/** Of the format of bundles; one is added, never reused. */
const BUNDLE_VERSION = 1;

/** The parts of collateral by vendor that a bundle can hold: each is the bytes of `Collateral`, in base64. */
const COLLATERAL_PARTS = {
  intel: ['tcbInfo', 'tcbInfoChain', 'qeIdentity', 'qeIdentityChain', 'rootCrl', 'pckCrl'],
  amd: ['vcek', 'ask', 'crl'],
  nvidia: ['chain'],
} as const satisfies { readonly [V in keyof Collateral]-?: readonly (keyof NonNullable<Collateral[V]>)[] };

/** JSON with its members always in this order, so that equal bundles are equal bytes. */
export function encodeEvidenceBundle({ evidence, collateral, guest }: Omit<EvidenceFile, 'kind'>): Uint8Array {
  const bundle = {
    format: BUNDLE_FORMAT,
    version: BUNDLE_VERSION,
    evidence: toBase64(evidence),
    collateral: Object.fromEntries(
      Object.entries(COLLATERAL_PARTS).flatMap(([vendor, parts]) => {
        const given = collateral[vendor as keyof Collateral] as Readonly<Record<string, unknown>> | undefined;
        if (given === undefined) return [];
        const held = parts.flatMap((part) => (given[part] instanceof Uint8Array ? [[part, toBase64(given[part])]] : []));
        return [[vendor, Object.fromEntries(held)]];
      }),
    ),
    ...(guest === undefined ? {} : { guest: guestMembers(guest) }),
  };
  return utf8(`${JSON.stringify(bundle, null, 2)}\n`);
}

/**
 * @param value JSON whose `format` is `BUNDLE_FORMAT`
 * @throws UNKNOWN_VERSION; PARSE, also for a member that is not known: what is passed over in silence was meant to be checked
 */
export function decodeEvidenceBundle(value: Readonly<Record<string, unknown>>): EvidenceFile {
  const { format: _, version, evidence, collateral = {}, guest, ...others } = value;
  if (version !== BUNDLE_VERSION) {
    throw new PerigeeError('UNKNOWN_VERSION', `the bundle has version ${String(version)}; only ${BUNDLE_VERSION} is known`);
  }
  noOthers(others, 'a bundle');
  return {
    kind: 'bundle',
    evidence: bytesOf(evidence, 'evidence'),
    collateral: readCollateral(membersOf(collateral, 'collateral')),
    ...(guest === undefined ? {} : { guest: readGuest(membersOf(guest, 'guest')) }),
  };
}

function readCollateral(vendors: Readonly<Record<string, unknown>>): Collateral {
  return Object.fromEntries(
    Object.entries(vendors).map(([vendor, value]) => {
      const known: readonly string[] | undefined = Object.hasOwn(COLLATERAL_PARTS, vendor)
        ? COLLATERAL_PARTS[vendor as keyof Collateral]
        : undefined;
      if (known === undefined)
        throw new PerigeeError('PARSE', `the bundle has collateral of "${vendor.slice(0, 40)}", who is not known`);
      const parts = Object.entries(membersOf(value, vendor));
      noOthers(Object.fromEntries(parts.filter(([part]) => !known.includes(part))), `collateral of ${vendor}`);
      return [vendor, Object.fromEntries(parts.map(([part, text]) => [part, bytesOf(text, `${vendor}.${part}`)]))];
    }),
  );
}

function readGuest({ eventLog, appCompose, ...others }: Readonly<Record<string, unknown>>): GuestFiles {
  noOthers(others, 'guest');
  return {
    eventLog: bytesOf(eventLog, 'guest.eventLog'),
    ...(appCompose === undefined ? {} : { appCompose: bytesOf(appCompose, 'guest.appCompose') }),
  };
}

function guestMembers({ eventLog, appCompose }: GuestFiles): object {
  return { eventLog: toBase64(eventLog), ...(appCompose === undefined ? {} : { appCompose: toBase64(appCompose) }) };
}

function membersOf(value: unknown, what: string): Readonly<Record<string, unknown>> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>;
  throw new PerigeeError('PARSE', `"${what}" of the bundle is no object`);
}

function bytesOf(value: unknown, what: string): Uint8Array {
  if (typeof value !== 'string') throw new PerigeeError('PARSE', `"${what}" of the bundle is missing, or not text in base64`);
  return fromBase64(value);
}

function noOthers(others: object, what: string): void {
  const [other] = Object.keys(others);
  if (other !== undefined) throw new PerigeeError('PARSE', `${what} has no member "${other.slice(0, 40)}"`);
}
