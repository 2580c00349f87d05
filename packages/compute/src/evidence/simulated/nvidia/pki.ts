import { applied, certify } from '../authority.ts';
import {
  type CertificateFields,
  type Change,
  COMMON_NAME,
  COUNTRY,
  type Extension,
  type Name,
  ORGANISATION,
} from '../certificate.ts';
import { integer, objectId, octetString, sequence } from '../der-writer.ts';
import { type RevocationListFields, writeRevocationList } from '../revocation-list.ts';
import { seeded } from '../seed.ts';
import { type CurveKey, curveKey } from '../signing-key.ts';

const DAY_S = 86_400;

/** The five of an H100's chain, root first, and the two that sign reference values. */
const PLACES = {
  root: { name: 'Simulated Device Identity CA', issuer: 'root' },
  identity: { name: 'Simulated GH100 Identity', issuer: 'root' },
  provisioner: { name: 'Simulated GH100 Provisioner ICA 1', issuer: 'identity' },
  device: { name: 'Simulated GH100 A01 GSP BROM', issuer: 'provisioner' },
  leaf: { name: 'Simulated GH100 A01 GSP FMC LF', issuer: 'device' },
  rimRoot: { name: 'Simulated CoRIM signing Root CA', issuer: 'rimRoot' },
  rimSigner: { name: 'Simulated CoRIM signer', issuer: 'rimRoot' },
} as const;

export type GpuPlace = keyof typeof PLACES;
const ALL = Object.keys(PLACES) as GpuPlace[];
const ENTITIES: ReadonlySet<GpuPlace> = new Set(['leaf', 'rimSigner']);

/** Changes of what is signed, each before its signature. */
export interface GpuChanges {
  readonly certificates?: { readonly [place in GpuPlace]?: Change<CertificateFields> };
  /** Digest of the firmware that the leaf was made for, 48 bytes; `null` names none. */
  readonly firmware?: Uint8Array | null;
  readonly rootCrl?: Change<RevocationListFields>;
  readonly identityCrl?: Change<RevocationListFields>;
}

/** All that NVIDIA and a GPU of it have, made of a seed. */
export interface GpuPki {
  readonly keys: Readonly<Record<GpuPlace, CurveKey>>;
  /** DER. */
  readonly certificates: Readonly<Record<GpuPlace, Uint8Array>>;
  readonly rootCrl: Uint8Array;
  readonly identityCrl: Uint8Array;
}

/** @param now seconds since 1970: revocation lists are a day old then */
export function gpuPki(seed: Uint8Array, now: number, changes: GpuChanges = {}): GpuPki {
  const keys = byPlace((place) => curveKey(seed, `nvidia/${place}`, 'P-384'));
  const names = byPlace((place) => nameOf(PLACES[place].name));
  const firmware = changes.firmware === undefined ? firmwareOf(seed) : changes.firmware;
  const certificates = byPlace((place) => {
    const { issuer } = PLACES[place];
    const extensions = place === 'leaf' && firmware !== null ? [firmwareExtension(keys.device, firmware)] : [];
    return certify(
      seed,
      `nvidia/${place}`,
      {
        key: keys[place],
        name: names[place],
        issuer: { key: keys[issuer], name: names[issuer] },
        extensions,
        ...(ENTITIES.has(place) ? {} : { authority: {} }),
      },
      changes.certificates?.[place],
    );
  });
  const list = (place: GpuPlace, change: Change<RevocationListFields> | undefined): Uint8Array =>
    writeRevocationList(
      applied(change, {
        issuer: names[place],
        signer: keys[place],
        thisUpdate: now - DAY_S,
        nextUpdate: now + 29 * DAY_S,
        revoked: [],
        number: 1,
        extensions: [],
      }),
    );
  return { keys, certificates, rootCrl: list('root', changes.rootCrl), identityCrl: list('identity', changes.identityCrl) };
}

export function firmwareOf(seed: Uint8Array): Uint8Array {
  return seeded(seed, 'nvidia/firmware', 48);
}

/** TCG's composite device id: version, key of the device, digest of the firmware that it started. */
function firmwareExtension(device: CurveKey, digest: Uint8Array): Extension {
  const id = sequence(objectId('2.16.840.1.101.3.4.2.2'), octetString(digest));
  return { oid: '2.23.133.5.4.1', critical: false, value: sequence(integer(1), device.spki, id) };
}

function byPlace<T>(make: (place: GpuPlace) => T): Readonly<Record<GpuPlace, T>> {
  return Object.fromEntries(ALL.map((place) => [place, make(place)])) as Record<GpuPlace, T>;
}

function nameOf(common: string): Name {
  return [
    [COUNTRY, 'US'],
    [ORGANISATION, 'Perigee simulation, no NVIDIA hardware'],
    [COMMON_NAME, common],
  ];
}
