import { certify } from '../authority.ts';
import { type CertificateFields, type Change, COMMON_NAME, COUNTRY, type Name, ORGANISATION, UNIT } from '../certificate.ts';
import { type CurveKey, curveKey } from '../signing-key.ts';

/** The five of an enclave's chain, root first. */
export const NITRO_PLACES = ['root', 'region', 'zone', 'instance', 'enclave'] as const;
export type NitroPlace = (typeof NITRO_PLACES)[number];

const HOUR_S = 3_600;

/** What is beside the usual for a place: AWS gives enclaves three hours. */
export type NitroChanges = { readonly [place in NitroPlace]?: Change<CertificateFields> };

/** All that AWS and an enclave of it have, made of a seed. */
export interface NitroPki {
  /** Of the enclave's certificate: what signs documents. */
  readonly key: CurveKey;
  /** DER, by place. */
  readonly certificates: Readonly<Record<NitroPlace, Uint8Array>>;
}

/** @param now seconds since 1970: the enclave's certificate holds from then on for three hours */
export function nitroPki(seed: Uint8Array, now: number, changes: NitroChanges = {}): NitroPki {
  const places = NITRO_PLACES.map((place) => ({
    place,
    key: curveKey(seed, `nitro/${place}`, 'P-384'),
    name: nameOf(place),
  }));
  const certificates = places.map(({ place, key, name }, i) => {
    const issuer = places[Math.max(0, i - 1)] as (typeof places)[number];
    const isEnclave = place === 'enclave';
    const authority = isEnclave ? {} : { authority: i === 0 ? {} : { pathLength: NITRO_PLACES.length - 2 - i } };
    const change = changes[place] ?? ((fields: CertificateFields) => fields);
    const der = certify(seed, `nitro/${place}`, { key, name, issuer, ...authority }, (fields) =>
      change(isEnclave ? { ...fields, notBefore: now - 1, notAfter: now + 3 * HOUR_S } : fields),
    );
    return [place, der] as const;
  });
  return {
    key: (places.at(-1) as (typeof places)[number]).key,
    certificates: Object.fromEntries(certificates) as Record<NitroPlace, Uint8Array>,
  };
}

function nameOf(place: NitroPlace): Name {
  return [
    [COUNTRY, 'US'],
    [ORGANISATION, 'Perigee simulation, no AWS hardware'],
    [UNIT, 'Simulation'],
    [COMMON_NAME, place === 'root' ? 'simulated.nitro-enclaves' : `${place}.simulated.nitro-enclaves`],
  ];
}
