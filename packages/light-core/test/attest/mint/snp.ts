import { concat, u32le, u64le } from '@perigee/wire';
import { SNP_TABLE_IDS } from '../../../src/attest/amd/certificate-table.ts';
import { SNP_EXTENSIONS } from '../../../src/attest/amd/endorsement.ts';
import { SNP_FIELDS, SNP_REPORT_BYTES } from '../../../src/attest/amd/layout.ts';
import type { SnpProduct } from '../../../src/attest/amd/product.ts';
import {
  type CertificateFields,
  type CrlFields,
  chainOf,
  crl,
  DAY,
  extension,
  type KeyPair,
  NOW,
  p384,
  rsa,
  signRaw,
} from './certificate.ts';
import { integer, text } from './der.ts';

/** Made once: keys of RSA take a second. */
export const SNP_KEYS: { readonly ark: KeyPair; readonly ask: KeyPair; readonly chip: KeyPair } = {
  ark: rsa(),
  ask: rsa(),
  chip: p384(),
};

export const LEVELS = { fmc: 2, bootloader: 4, tee: 1, snp: 22, microcode: 210 };
type Levels = typeof LEVELS;

const CPUS: Readonly<Record<SnpProduct, readonly number[]>> = {
  Milan: [0x19, 0x01, 0x01],
  Genoa: [0x19, 0xa1, 0x02],
  Turin: [0x1a, 0x02, 0x00],
};

export function tcb(product: SnpProduct, levels: Levels = LEVELS): Uint8Array {
  const { fmc, bootloader, tee, snp, microcode } = levels;
  return product === 'Turin'
    ? Uint8Array.of(fmc, bootloader, tee, snp, 0, 0, 0, microcode)
    : Uint8Array.of(bootloader, tee, 0, 0, 0, 0, snp, microcode);
}

export interface SnpWish {
  readonly product: SnpProduct;
  readonly version?: number;
  readonly kind?: 'vcek' | 'vlek';
  /** Of a product by its name in the endorsement. */
  readonly productName?: string;
  /** What the endorsement says. */
  readonly levels?: Levels;
  readonly endorsedChip?: Uint8Array;
  readonly extensions?: readonly Uint8Array[];
  /** Fields that differ, by name; before the report is signed. */
  readonly fields?: { readonly [name in keyof typeof SNP_FIELDS]?: Uint8Array };
  /** Bytes that differ, by offset. */
  readonly bytes?: { readonly [offset: number]: number };
  readonly certificates?: { readonly [place: number]: Partial<CertificateFields> };
  readonly list?: Partial<CrlFields>;
  readonly signer?: KeyPair;
}

export interface MintedSnp {
  readonly report: Uint8Array;
  readonly leaf: Uint8Array;
  readonly ask: Uint8Array;
  readonly ark: Uint8Array;
  readonly crl: Uint8Array;
}

export const CHIP = Uint8Array.from({ length: 64 }, (_, i) => i + 1);
export const MEASUREMENT = new Uint8Array(48).fill(0x4d);
export const REPORT_DATA = new Uint8Array(64).fill(0x52);

/** A report and all that vouches for it, right but for what is wished otherwise. */
export function mintSnp(wish: SnpWish): MintedSnp {
  const { product, kind = 'vcek', version = product === 'Milan' ? 2 : product === 'Genoa' ? 3 : 5 } = wish;
  const chipId = new Uint8Array(64);
  chipId.set(product === 'Turin' ? CHIP.subarray(0, 8) : CHIP);
  const levels = tcb(product);
  const fields: { readonly [name in keyof typeof SNP_FIELDS]?: Uint8Array } = {
    version: u32le(version),
    guestSvn: u32le(7),
    policy: u64le(0x3_0100n),
    signatureAlgorithm: u32le(1),
    currentTcb: levels,
    platformInfo: u64le(1n),
    signerInfo: u32le(kind === 'vlek' ? 4 : 0),
    reportData: REPORT_DATA,
    measurement: MEASUREMENT,
    reportIdMigrationAgent: new Uint8Array(32).fill(0xff),
    reportedTcb: levels,
    ...(version >= 3 ? { cpuid: Uint8Array.from(CPUS[product]) } : {}),
    chipId: kind === 'vlek' ? new Uint8Array(64) : chipId,
    committedTcb: levels,
    currentFirmware: Uint8Array.of(29, 55, 1),
    committedFirmware: Uint8Array.of(29, 55, 1),
    launchTcb: levels,
    ...wish.fields,
  };
  const report = new Uint8Array(SNP_REPORT_BYTES);
  for (const [name, bytes] of Object.entries(fields)) report.set(bytes, SNP_FIELDS[name as keyof typeof SNP_FIELDS][0]);
  for (const [offset, byte] of Object.entries(wish.bytes ?? {})) report[Number(offset)] = byte;
  const signature = signRaw((wish.signer ?? SNP_KEYS.chip).privateKey, report.subarray(0, SNP_FIELDS.signature[0]));
  report.set(signature.slice(0, 48).reverse(), SNP_FIELDS.signature[0]);
  report.set(signature.slice(48).reverse(), SNP_FIELDS.signature[0] + 72);

  const links = [
    {
      name: kind === 'vlek' ? 'SEV-VLEK' : 'SEV-VCEK',
      pair: SNP_KEYS.chip,
      extensions: wish.extensions ?? endorsementOf(wish, kind),
    },
    { name: `SEV-${product}`, pair: SNP_KEYS.ask },
    { name: `ARK-${product}`, pair: SNP_KEYS.ark },
  ];
  const [leaf, ask, ark] = chainOf(links, wish.certificates) as [Uint8Array, Uint8Array, Uint8Array];
  const list = crl({
    issuer: `ARK-${product}`,
    signer: SNP_KEYS.ark.privateKey,
    number: 5,
    thisUpdate: NOW - DAY,
    nextUpdate: NOW + DAY,
    revoked: [],
    ...wish.list,
  });
  return { report, leaf, ask, ark, crl: list };
}

export function endorsementOf(
  { product, productName = `${product}-B1`, levels = LEVELS, endorsedChip }: SnpWish,
  kind: 'vcek' | 'vlek',
): Uint8Array[] {
  const id = endorsedChip ?? (product === 'Turin' ? CHIP.slice(0, 8) : CHIP);
  return [
    extension(SNP_EXTENSIONS.productName, text(0x16, productName)),
    extension(SNP_EXTENSIONS.bootloader, integer(levels.bootloader)),
    extension(SNP_EXTENSIONS.tee, integer(levels.tee)),
    extension(SNP_EXTENSIONS.snp, integer(levels.snp)),
    extension(SNP_EXTENSIONS.microcode, integer(levels.microcode)),
    ...(product === 'Turin' ? [extension(SNP_EXTENSIONS.fmc, integer(levels.fmc))] : []),
    kind === 'vcek' ? extension(SNP_EXTENSIONS.chipId, id) : extension(SNP_EXTENSIONS.cloud, text(0x16, 'Example Cloud')),
  ];
}

/** The table that a host puts behind a report. */
export function tableOf(certificates: { readonly [name in keyof typeof SNP_TABLE_IDS]?: Uint8Array }, padding = 0): Uint8Array {
  const entries = Object.entries(certificates) as [keyof typeof SNP_TABLE_IDS, Uint8Array][];
  let offset = (entries.length + 1) * 24;
  const heads = entries.map(([name, { length }]) => {
    const head = concat(Uint8Array.from(Buffer.from(SNP_TABLE_IDS[name], 'hex')), u32le(offset), u32le(length));
    offset += length;
    return head;
  });
  return concat(...heads, new Uint8Array(24), ...entries.map(([, der]) => der), new Uint8Array(padding));
}
