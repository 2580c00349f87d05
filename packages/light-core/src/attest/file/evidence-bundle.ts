import { fromBase64, MAX_RIMS, PerigeeError, toBase64, utf8 } from '@perigee/wire';
import type { Collateral } from '../collateral.ts';
import type { EvidenceFile, GuestFiles } from './evidence-file.ts';

/** What the member `format` of a bundle says. */
export const BUNDLE_FORMAT = 'perigee-evidence';
/** Of the format of bundles; one is added, never reused. */
const BUNDLE_VERSION = 1;

/** The parts of collateral by vendor, in their order: each is bytes of `Collateral` in base64, or a list of such. All of them, or a bundle would lose some. */
const COLLATERAL_PARTS: {
  readonly [V in keyof Collateral]-?: { readonly [part in keyof Required<NonNullable<Collateral[V]>>]: 'bytes' | 'list' };
} = {
  intel: {
    tcbInfo: 'bytes',
    tcbInfoChain: 'bytes',
    qeIdentity: 'bytes',
    qeIdentityChain: 'bytes',
    rootCrl: 'bytes',
    pckCrl: 'bytes',
  },
  amd: { vcek: 'bytes', ask: 'bytes', ark: 'bytes', crl: 'bytes' },
  nvidia: { chain: 'bytes', rootCrl: 'bytes', identityCrl: 'bytes', rims: 'list' },
};

/** A part, or a list of such. */
type Part = Uint8Array | readonly Uint8Array[];

/** JSON with its members always in this order, so that equal bundles are equal bytes. */
export function encodeEvidenceBundle({ evidence, collateral, guest }: Omit<EvidenceFile, 'kind'>): Uint8Array {
  const bundle = {
    format: BUNDLE_FORMAT,
    version: BUNDLE_VERSION,
    evidence: toBase64(evidence),
    collateral: Object.fromEntries(
      Object.entries(COLLATERAL_PARTS).flatMap(([vendor, parts]) => {
        const given = collateral[vendor as keyof Collateral] as Readonly<Record<string, Part | undefined>> | undefined;
        if (given === undefined) return [];
        const held = Object.keys(parts).flatMap((part) => (given[part] === undefined ? [] : [[part, textOf(given[part])]]));
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
    throw new PerigeeError('UNKNOWN_VERSION', `the bundle has version ${wordOf(version)}; only ${BUNDLE_VERSION} is known`);
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
      if (!Object.hasOwn(COLLATERAL_PARTS, vendor))
        throw new PerigeeError('PARSE', `the bundle has collateral of "${vendor.slice(0, 40)}", who is not known`);
      const known: Readonly<Record<string, 'bytes' | 'list'>> = COLLATERAL_PARTS[vendor as keyof Collateral];
      const parts = Object.entries(membersOf(value, vendor));
      noOthers(Object.fromEntries(parts.filter(([part]) => !Object.hasOwn(known, part))), `collateral of ${vendor}`);
      return [vendor, Object.fromEntries(parts.map(([part, text]) => [part, partOf(text, known[part], `${vendor}.${part}`)]))];
    }),
  );
}

function textOf(part: Part): string | string[] {
  return part instanceof Uint8Array ? toBase64(part) : part.map(toBase64);
}

function partOf(value: unknown, form: 'bytes' | 'list' | undefined, what: string): Part {
  if (form !== 'list') return bytesOf(value, what);
  if (Array.isArray(value) && value.length <= MAX_RIMS) return value.map((one) => bytesOf(one, what));
  throw new PerigeeError('PARSE', `"${what}" of the bundle is no list of at most ${MAX_RIMS}`);
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

/** A number or text as it is; of anything else only what it is: it may be too deep to be written. */
function wordOf(value: unknown): string {
  return typeof value === 'number' || typeof value === 'string' ? String(value).slice(0, 40) : typeof value;
}

function noOthers(others: object, what: string): void {
  const [other] = Object.keys(others);
  if (other !== undefined) throw new PerigeeError('PARSE', `${what} has no member "${other.slice(0, 40)}"`);
}
