import { certify } from '../authority.ts';
import { type CertificateFields, type Change, COMMON_NAME, COUNTRY, type Name, ORGANISATION } from '../certificate.ts';
import { type CurveKey, curveKey } from '../signing-key.ts';

/** The five of an H100's chain, root first. */
export const GPU_PLACES = ['root', 'identity', 'provisioner', 'device', 'leaf'] as const;
export type GpuPlace = (typeof GPU_PLACES)[number];

const NAMES: Readonly<Record<GpuPlace, string>> = {
  root: 'Simulated Device Identity CA',
  identity: 'Simulated GH100 Identity',
  provisioner: 'Simulated GH100 Provisioner ICA 1',
  device: 'Simulated GH100 A01 GSP BROM',
  leaf: 'Simulated GH100 A01 GSP FMC LF',
};

export type GpuChanges = { readonly [place in GpuPlace]?: Change<CertificateFields> };

/** All that NVIDIA and a GPU of it have, made of a seed. */
export interface GpuPki {
  /** Of the leaf: what signs measurements. */
  readonly key: CurveKey;
  /** DER, by place. */
  readonly certificates: Readonly<Record<GpuPlace, Uint8Array>>;
}

export function gpuPki(seed: Uint8Array, changes: GpuChanges = {}): GpuPki {
  const places = GPU_PLACES.map((place) => ({
    place,
    key: curveKey(seed, `nvidia/${place}`, 'P-384'),
    name: nameOf(NAMES[place]),
  }));
  const certificates = places.map(({ place, key, name }, i) => {
    const issuer = places[Math.max(0, i - 1)] as (typeof places)[number];
    const authority = place === 'leaf' ? {} : { authority: {} };
    return [place, certify(seed, `nvidia/${place}`, { key, name, issuer, ...authority }, changes[place])] as const;
  });
  return {
    key: (places.at(-1) as (typeof places)[number]).key,
    certificates: Object.fromEntries(certificates) as Record<GpuPlace, Uint8Array>,
  };
}

function nameOf(common: string): Name {
  return [
    [COUNTRY, 'US'],
    [ORGANISATION, 'Perigee simulation, no NVIDIA hardware'],
    [COMMON_NAME, common],
  ];
}
