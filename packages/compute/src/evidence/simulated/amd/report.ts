import { concat, u32le, u64le } from '@perigee/wire';
import { applied } from '../authority.ts';
import type { Change } from '../certificate.ts';
import { layout } from '../layout.ts';
import { seeded } from '../seed.ts';
import type { CurveKey } from '../signing-key.ts';
import type { AmdPki, SnpLevels, SnpProduct } from './pki.ts';

/** What a secure processor says of a guest, and who signs it. Widths in bytes are those of the fields. */
export interface SnpReportFields {
  readonly version: number;
  readonly guestSvn: number;
  readonly policy: bigint;
  readonly vmpl: number;
  readonly signatureAlgorithm: number;
  readonly platformInfo: bigint;
  readonly signerInfo: number;
  /** 64 */
  readonly reportData: Uint8Array;
  /** 48 */
  readonly measurement: Uint8Array;
  /** 32 */
  readonly hostData: Uint8Array;
  /** 48 */
  readonly idKeyDigest: Uint8Array;
  readonly authorKeyDigest: Uint8Array;
  /** 8, as the four that name a TCB */
  readonly currentTcb: Uint8Array;
  readonly reportedTcb: Uint8Array;
  readonly committedTcb: Uint8Array;
  readonly launchTcb: Uint8Array;
  /** Family, model, stepping; from version 3. */
  readonly cpu: readonly [number, number, number];
  /** 64 */
  readonly chipId: Uint8Array;
  readonly signer: CurveKey;
}

export type SnpChanges = Change<SnpReportFields>;

const CPUS: Readonly<Record<SnpProduct, readonly [number, number, number]>> = {
  Milan: [0x19, 0x01, 0x01],
  Genoa: [0x19, 0x11, 0x01],
  Turin: [0x1a, 0x02, 0x01],
};

/** An attestation report (AMD 56860, ATTESTATION_REPORT), 1,184 bytes: version 2 of Milan, 3 of Genoa, 5 of Turin. */
export function snpReport(seed: Uint8Array, pki: AmdPki, reportData: Uint8Array, change?: SnpChanges): Uint8Array {
  const { product, chip, keys } = pki;
  const tcb = tcbBytes(product, chip.levels);
  const fields = applied(change, {
    version: { Milan: 2, Genoa: 3, Turin: 5 }[product],
    guestSvn: 1,
    policy: 0x30000n, // no debugging, no migration, threads of one core allowed
    vmpl: 0,
    signatureAlgorithm: 1,
    platformInfo: product === 'Milan' ? 0x05n : 0x25n, // threads of one core, error correction, from version 3 no aliases
    signerInfo: 0,
    reportData,
    measurement: seeded(seed, 'amd/measurement', 48),
    hostData: seeded(seed, 'amd/host-data', 32),
    idKeyDigest: new Uint8Array(48),
    authorKeyDigest: new Uint8Array(48),
    currentTcb: tcb,
    reportedTcb: tcb,
    committedTcb: tcb,
    launchTcb: tcb,
    cpu: CPUS[product],
    chipId: chip.chipId,
    signer: keys.vcek,
  });
  const report = layout(0x4a0, {
    0: u32le(fields.version),
    4: u32le(fields.guestSvn),
    8: u64le(fields.policy),
    48: u32le(fields.vmpl),
    52: u32le(fields.signatureAlgorithm),
    56: fields.currentTcb,
    64: u64le(fields.platformInfo),
    72: u32le(fields.signerInfo),
    80: fields.reportData,
    144: fields.measurement,
    192: fields.hostData,
    224: fields.idKeyDigest,
    272: fields.authorKeyDigest,
    320: seeded(seed, 'amd/report-id', 32),
    352: new Uint8Array(32).fill(0xff),
    384: fields.reportedTcb,
    392: fields.version >= 3 ? Uint8Array.from(fields.cpu) : undefined,
    416: fields.chipId,
    480: fields.committedTcb,
    488: Uint8Array.of(29, 55, 1),
    492: Uint8Array.of(29, 55, 1),
    496: fields.launchTcb,
  });
  const signed = report.subarray(0, 0x2a0);
  const signature = fields.signer.signCompact(signed);
  const half = signature.length / 2;
  const scalar = (at: number): Uint8Array => layout(72, { 0: signature.slice(at, at + half).reverse() });
  report.set(concat(scalar(0), scalar(half)), 0x2a0);
  return report;
}

/** TCB_VERSION: Turin has the bootloader's predecessor in front, and its levels closer. */
export function tcbBytes(product: SnpProduct, { fmc = 0, bootloader, tee, snp, microcode }: SnpLevels): Uint8Array {
  return product === 'Turin'
    ? Uint8Array.of(fmc, bootloader, tee, snp, 0, 0, 0, microcode)
    : Uint8Array.of(bootloader, tee, 0, 0, 0, 0, snp, microcode);
}
