import { applied, certify } from '../authority.ts';
import {
  type CertificateFields,
  type Change,
  COMMON_NAME,
  COUNTRY,
  type Extension,
  LOCALITY,
  type Name,
  ORGANISATION,
  STATE,
  UNIT,
} from '../certificate.ts';
import { ia5String, integer, octetString } from '../der-writer.ts';
import { type RevocationListFields, writeRevocationList } from '../revocation-list.ts';
import { rsaKey } from '../rsa-key.ts';
import { seeded } from '../seed.ts';
import { type CurveKey, curveKey, type SigningKey } from '../signing-key.ts';

export type SnpProduct = 'Milan' | 'Genoa' | 'Turin';

const DAY_S = 86_400;
const CRL_NUMBER = 1;
const OID = '1.3.6.1.4.1.3704.1';

/** Patch levels, by the names that AMD's certificates give them. */
export interface SnpLevels {
  /** Turin only. */
  readonly fmc?: number;
  readonly bootloader: number;
  readonly tee: number;
  readonly snp: number;
  readonly microcode: number;
}

/** What an endorsement certificate says of its chip. */
export interface SnpChip {
  /** Such as `Milan-B0`. */
  readonly productName: string;
  readonly levels: SnpLevels;
  /** 64 bytes, of which Turin uses 8. */
  readonly chipId: Uint8Array;
}

export interface AmdChanges {
  readonly chip?: Change<SnpChip>;
  readonly ark?: Change<CertificateFields>;
  readonly ask?: Change<CertificateFields>;
  readonly vcek?: Change<CertificateFields>;
  readonly crl?: Change<RevocationListFields>;
}

/** All that AMD and a chip of it have, made of a seed. Certificates are DER. */
export interface AmdPki {
  readonly product: SnpProduct;
  readonly keys: AmdKeys;
  readonly chip: SnpChip;
  readonly ark: Uint8Array;
  readonly ask: Uint8Array;
  readonly vcek: Uint8Array;
  readonly crl: Uint8Array;
}

export interface AmdKeys {
  readonly ark: SigningKey;
  readonly ask: SigningKey;
  readonly vcek: CurveKey;
}

/** The two of RSA take a second each at AMD's 4,096 bits, so one pair serves all products, and whoever mints keeps it. Names and roots tell products apart. */
export function amdKeys(seed: Uint8Array, rsaBits: number): AmdKeys {
  return {
    ark: rsaKey(seed, 'amd/ark', rsaBits),
    ask: rsaKey(seed, 'amd/ask', rsaBits),
    vcek: curveKey(seed, 'amd/vcek', 'P-384'),
  };
}

/** @param now seconds since 1970: the revocation list is a day old then */
export function amdPki(seed: Uint8Array, product: SnpProduct, keys: AmdKeys, now: number, changes: AmdChanges = {}): AmdPki {
  const chip = applied(changes.chip, chipOf(seed, product));
  const root = { key: keys.ark, name: nameOf(`ARK-${product}`) };
  const signer = { key: keys.ask, name: nameOf(`SEV-${product}`) };
  const label = `amd/${product}`;
  return {
    product,
    keys,
    chip,
    ark: certify(seed, `${label}/ark`, { ...root, issuer: root, authority: {} }, changes.ark),
    ask: certify(seed, `${label}/ask`, { ...signer, issuer: root, authority: { pathLength: 0 } }, changes.ask),
    vcek: certify(
      seed,
      `${label}/vcek`,
      { key: keys.vcek, name: nameOf('SEV-VCEK'), issuer: signer },
      (fields) => applied(changes.vcek, { ...fields, extensions: chipExtensions(product, chip) }), // AMD's have no others
    ),
    crl: writeRevocationList(
      applied(changes.crl, {
        issuer: root.name,
        signer: keys.ark,
        thisUpdate: now - DAY_S,
        nextUpdate: now + 364 * DAY_S,
        revoked: [],
        number: CRL_NUMBER,
        extensions: [],
      }),
    ),
  };
}

function chipOf(seed: Uint8Array, product: SnpProduct): SnpChip {
  const chipId = new Uint8Array(64);
  chipId.set(seeded(seed, `amd/${product}/chip`, product === 'Turin' ? 8 : 64));
  const levels = { bootloader: 4, tee: 0, snp: 22, microcode: 213 };
  return { productName: `${product}-B1`, chipId, levels: product === 'Turin' ? { fmc: 1, ...levels } : levels };
}

/** AMD 57230, "Versioned Chip Endorsement Key Certificate and KDS Interface Specification", §3.1. */
function chipExtensions(product: SnpProduct, { productName, levels, chipId }: SnpChip): Extension[] {
  const extension = (arc: string, value: Uint8Array): Extension => ({ oid: `${OID}.${arc}`, critical: false, value });
  const isTurin = product === 'Turin';
  return [
    extension('1', integer(isTurin ? 1 : 0)),
    extension('2', ia5String(productName)),
    extension('3.1', integer(levels.bootloader)),
    extension('3.2', integer(levels.tee)),
    extension('3.3', integer(levels.snp)),
    ...[4, 5, 6, 7].map((arc) => extension(`3.${arc}`, integer(0))),
    extension('3.8', integer(levels.microcode)),
    ...(levels.fmc === undefined ? [] : [extension('3.9', integer(levels.fmc))]),
    extension('4', isTurin ? octetString(chipId.subarray(0, 8)) : chipId),
  ];
}

function nameOf(common: string): Name {
  return [
    [UNIT, 'Engineering'],
    [COUNTRY, 'US'],
    [LOCALITY, 'Nowhere'],
    [STATE, 'CA'],
    [ORGANISATION, 'Perigee simulation, no AMD hardware'],
    [COMMON_NAME, common],
  ];
}
